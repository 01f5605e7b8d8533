import { decodeUtf8 } from "@contrast/crypto"
import type { TsmFiles } from "./tsm-files.ts"

/** A platform whose evidence the kernel hands out. */
export type TsmPlatform = "snp" | "tdx"

const PLATFORMS: ReadonlyMap<string, TsmPlatform> = new Map([
  ["sev_guest", "snp"],
  ["tdx_guest", "tdx"],
])

const MAX_NAME_BYTES = 64

/** The kernel drivers that answer, by the names that they give. */
export const PROVIDERS: readonly string[] = [...PLATFORMS.keys()]

/** Who answers requests of this entry: the name as the kernel writes it, and the platform if it is a known one. */
export async function readProvider(
  files: TsmFiles,
  entry: string,
): Promise<{ readonly name: string; readonly platform: TsmPlatform | undefined }> {
  const bytes = (await files.read(`${entry}/provider`, MAX_NAME_BYTES)) ?? new Uint8Array(0)
  const name = decodeUtf8(bytes).trim()
  return { name, platform: PLATFORMS.get(name) }
}
