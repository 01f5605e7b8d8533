import { describe, expect, test } from "@jest/globals"
import { PLATFORMS, type Platform, runtimeHandler } from "@contrast/manifest"
import { resolvePlatform } from "../../src/generate/platform.ts"
import { deployment } from "../support/resources.ts"
import { podSpecOf, workloadOf } from "./workload.ts"

function resolve(
  runtimeClass: string,
  chosen: Platform | undefined,
): { readonly result: unknown; readonly runtimeClass: unknown } {
  const { workload } = workloadOf(deployment("web").replace("contrast-insecure", runtimeClass))
  const result = resolvePlatform(workload, chosen)
  return { result, runtimeClass: (podSpecOf(workload) as { runtimeClassName: unknown }).runtimeClassName }
}

describe("the platform of a workload", () => {
  test.each(PLATFORMS)("is told by its own runtime class: %s", (platform) => {
    const handler = runtimeHandler(platform)

    expect(resolve(handler, undefined)).toEqual({ result: platform, runtimeClass: handler })
    expect(resolve(`${handler}-0123abcd`, "Metal-QEMU-SNP")).toEqual({
      result: platform,
      runtimeClass: `${handler}-0123abcd`,
    })
  })

  test.each([
    ["contrast-cc", "Metal-QEMU-SNP"],
    ["kata-cc-isolation", "Metal-QEMU-TDX"],
    ["contrast-insecure", "Metal-QEMU-GPU-Insecure"],
  ] as const)("is the chosen one for %s, whose class it takes on", (runtimeClass, platform) => {
    expect(resolve(runtimeClass, platform)).toEqual({ result: platform, runtimeClass: runtimeHandler(platform) })
  })

  test.each([
    ["contrast-cc", undefined, /names no platform/],
    ["contrast-cc", "Metal-QEMU-Insecure", /contrast-cc does not run on Metal-QEMU-Insecure/],
    ["contrast-insecure", "Metal-QEMU-TDX", /contrast-insecure does not run on Metal-QEMU-TDX/],
    ["contrast-cc-metal-qemu-snp-0123abcg", "Metal-QEMU-SNP", /unknown runtime class/],
    ["contrast-insecure-metal-qemu-snp", "Metal-QEMU-SNP", /unknown runtime class/],
  ] as const)("is refused: %s on %s", (runtimeClass, platform, message) => {
    const { result, runtimeClass: left } = resolve(runtimeClass, platform)

    expect(result).toMatchObject({ message: expect.stringMatching(message) as unknown })
    expect(left).toBe(runtimeClass)
  })
})
