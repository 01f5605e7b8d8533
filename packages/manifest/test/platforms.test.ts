import { describe, expect, test } from "@jest/globals"
import {
  PLATFORMS,
  defaultReferenceValues,
  encodeManifest,
  isInsecurePlatform,
  missingReferenceValues,
  parseManifest,
  parsePlatform,
  runtimeHandler,
  securityLevel,
  technologyOf,
} from "../src/index.ts"
import { SECURE, manifestOf } from "./support/manifests.ts"
import { problemsOf } from "./support/refusals.ts"

const MINIMUM_TCB = ["BootloaderVersion", "TEEVersion", "SNPVersion", "MicrocodeVersion"].map(
  (key) => `MinimumTCB.${key}`,
)

describe("a platform", () => {
  test.each([
    ["Metal-QEMU-SNP", "snp", "contrast-cc-metal-qemu-snp"],
    ["Metal-QEMU-TDX", "tdx", "contrast-cc-metal-qemu-tdx"],
    ["Metal-QEMU-SNP-GPU", "snp", "contrast-cc-metal-qemu-snp-gpu"],
    ["Metal-QEMU-TDX-GPU", "tdx", "contrast-cc-metal-qemu-tdx-gpu"],
    ["Metal-QEMU-Insecure", "insecure", "contrast-insecure-metal-qemu-insecure"],
    ["Metal-QEMU-GPU-Insecure", "insecure", "contrast-insecure-metal-qemu-gpu-insecure"],
  ] as const)("%s attests by %s and runs as %s", (platform, technology, handler) => {
    expect(technologyOf(platform)).toBe(technology)
    expect(isInsecurePlatform(platform)).toBe(technology === "insecure")
    expect(runtimeHandler(platform)).toBe(handler)
  })

  test.each(PLATFORMS)("is found by name in any case: %s", (platform) => {
    expect(parsePlatform(platform.toLowerCase())).toBe(platform)
    expect(parsePlatform(platform.toUpperCase())).toBe(platform)
  })

  test.each([
    ["nothing", "", 'unknown platform "" (known: '],
    ["something near", "Metal-QEMU-SPN", 'unknown platform "Metal-QEMU-SPN", did you mean "Metal-QEMU-SNP"? (known: '],
    ["a platform of older releases", "AKS-CLH-SNP", 'unknown platform "AKS-CLH-SNP" (known: '],
    ["something very long", "x".repeat(1_000_000), `unknown platform "${"x".repeat(40)}" (known: `],
  ])("is not found by %s; the message lists those there are", (_title, name, message) => {
    const problems = problemsOf(() => parsePlatform(name))

    expect(problems).toEqual([{ code: "PLATFORM", path: "Platform", message: `${message}${PLATFORMS.join(", ")})` }])
  })
})

describe("the reference values that a new manifest starts from", () => {
  test.each(PLATFORMS)("can be written and read back for %s", (platform) => {
    const manifest = { ...manifestOf(SECURE), referenceValues: defaultReferenceValues(platform) }

    expect(parseManifest(encodeManifest(manifest))).toEqual(manifest)
    expect(securityLevel(manifest)).toBe(isInsecurePlatform(platform) ? "insecure" : "secure")
  })

  test.each([
    ["Metal-QEMU-SNP", ["Milan", "Genoa", "Turin"]],
    ["Metal-QEMU-SNP-GPU", ["Milan", "Genoa", "Turin"]],
  ] as const)("have an entry per product for %s", (platform, products) => {
    expect(defaultReferenceValues(platform)).toMatchObject(products.map((productName) => ({ platform, productName })))
  })

  test("name what has still to be filled in for SEV-SNP", () => {
    const manifest = { ...manifestOf(SECURE), referenceValues: defaultReferenceValues("Metal-QEMU-SNP") }

    expect(missingReferenceValues(manifest)).toEqual([
      ...["TrustedMeasurement", ...MINIMUM_TCB].map((key) => `$.ReferenceValues.snp[0].${key}`),
      ...["TrustedMeasurement", ...MINIMUM_TCB].map((key) => `$.ReferenceValues.snp[1].${key}`),
      ...["TrustedMeasurement", ...MINIMUM_TCB, "MinimumTCB.FMCVersion"].map(
        (key) => `$.ReferenceValues.snp[2].${key}`,
      ),
    ])
  })

  test("name what has still to be filled in for TDX", () => {
    const manifest = { ...manifestOf(SECURE), referenceValues: defaultReferenceValues("Metal-QEMU-TDX") }

    expect(missingReferenceValues(manifest)).toEqual(
      ["MrTd", "MrSeam", "Rtmrs[0]", "Rtmrs[1]", "Rtmrs[2]", "Rtmrs[3]"].map(
        (key) => `$.ReferenceValues.tdx[0].${key}`,
      ),
    )
  })

  test("lack nothing on an insecure platform", () => {
    const manifest = { ...manifestOf(SECURE), referenceValues: defaultReferenceValues("Metal-QEMU-Insecure") }

    expect(missingReferenceValues(manifest)).toEqual([])
  })

  test("are strict for SEV-SNP where an owner has not said otherwise", () => {
    expect(defaultReferenceValues("Metal-QEMU-SNP")[0]).toEqual({
      ...{ kind: "snp", platform: "Metal-QEMU-SNP", productName: "Milan", minimumTcb: {} },
      guestPolicy: {
        ...{ abiMinor: 0, abiMajor: 0, smt: true, migrateMa: false, debug: false, singleSocket: false },
        ...{ cxlAllowed: false, memAes256Xts: false, raplDis: false, cipherTextHidingDram: false },
        pageSwapDisable: false,
      },
      platformInfo: {
        ...{ smtEnabled: true, tsmeEnabled: false, eccEnabled: false, raplDisabled: false },
        ...{ ciphertextHidingDramEnabled: false, aliasCheckComplete: false, tioEnabled: false },
      },
      ...{ minimumMitigationVector: 0n, allowedChipIds: [] },
    })
  })

  test("are those of the guest image for TDX where they do not depend on its measurements", () => {
    expect(defaultReferenceValues("Metal-QEMU-TDX")).toEqual([
      {
        ...{ kind: "tdx", platform: "Metal-QEMU-TDX", minTcbEvaluationDataNumber: 0 },
        ...{ rtmrs: [undefined, undefined, undefined, undefined], rtmr0Alternatives: [], allowedPiids: [] },
        xfam: Uint8Array.of(0xe7, 0x02, 0x06, 0x00, 0x00, 0x00, 0x00, 0x00),
        ...{ memoryIntegrity: false, smtDisabled: false, staticPlatform: false },
      },
    ])
  })
})
