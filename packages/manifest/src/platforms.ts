import { ManifestError } from "./error.ts"
import { didYouMean } from "./spelling.ts"

/** Every platform by the name that manifests and the command line use. */
export const PLATFORMS = [
  "Metal-QEMU-SNP",
  "Metal-QEMU-TDX",
  "Metal-QEMU-SNP-GPU",
  "Metal-QEMU-TDX-GPU",
  "Metal-QEMU-Insecure",
  "Metal-QEMU-GPU-Insecure",
] as const

/** A kind of machine that workloads run on. */
export type Platform = (typeof PLATFORMS)[number]

/** What attests on a platform: a processor, or nothing at all (for development). */
export type Technology = "snp" | "tdx" | "insecure"

/** The platform of this name, in any case, or `undefined`. */
export function findPlatform(name: string): Platform | undefined {
  return PLATFORMS.find((platform) => platform.toLowerCase() === name.toLowerCase())
}

/**
 * The platform of this name, in any case.
 *
 * @throws {@link ManifestError} `PLATFORM`; the message lists the known ones.
 */
export function parsePlatform(name: string): Platform {
  const platform = findPlatform(name)
  if (platform === undefined) {
    throw new ManifestError([{ code: "PLATFORM", path: "Platform", message: unknownPlatform(name) }])
  }
  return platform
}

/** Says that there is no such platform, and which ones there are. */
export function unknownPlatform(name: string): string {
  const hint = didYouMean(name, PLATFORMS)
  return `unknown platform ${JSON.stringify(name.slice(0, 40))}${hint} (known: ${PLATFORMS.join(", ")})`
}

/** What attests on the platform. */
export function technologyOf(platform: Platform): Technology {
  switch (platform) {
    case "Metal-QEMU-SNP":
    case "Metal-QEMU-SNP-GPU":
      return "snp"
    case "Metal-QEMU-TDX":
    case "Metal-QEMU-TDX-GPU":
      return "tdx"
    case "Metal-QEMU-Insecure":
    case "Metal-QEMU-GPU-Insecure":
      return "insecure"
  }
}

/** Whether the platform is without a TEE: it proves nothing and is for development only. */
export function isInsecurePlatform(platform: Platform): boolean {
  return technologyOf(platform) === "insecure"
}

/** The Kubernetes runtime class of the platform: `contrast-cc-metal-qemu-snp`, `contrast-insecure-metal-qemu-insecure`. */
export function runtimeHandler(platform: Platform): string {
  return `contrast-${isInsecurePlatform(platform) ? "insecure" : "cc"}-${platform.toLowerCase()}`
}
