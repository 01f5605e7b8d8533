import { encodeHex } from "@contrast/crypto"
import fc from "fast-check"
import {
  type Manifest,
  PLATFORMS,
  type Platform,
  type PolicyEntry,
  type ReferenceValues,
  type SnpReferenceValues,
  type TdxReferenceValues,
  type Technology,
  technologyOf,
} from "../../src/index.ts"

/** Any manifest that can be written; hardly one of them is valid. */
export function anyManifest(): fc.Arbitrary<Manifest> {
  return fc.record(
    {
      policies: fc.dictionary(hex(32), anyEntry(), { maxKeys: 4 }).map((entries) => new Map(Object.entries(entries))),
      referenceValues: fc
        .tuple(fc.array(anyInList("snp"), { maxLength: 3 }), fc.array(anyInList("tdx"), { maxLength: 3 }))
        .map(([snp, tdx]) => [...snp, ...tdx]),
      workloadOwnerPubKeys: fc.array(hex(fc.integer({ min: 1, max: 100 })), { maxLength: 3 }),
      workloadOwnerKeyDigests: fc.array(hex(32), { maxLength: 3 }),
      seedshareOwnerPubKeys: fc.array(hex(fc.integer({ min: 1, max: 100 })), { maxLength: 3 }),
      minimumApiVersion: fc.nat({ max: 9999 }).map((version) => `v${version}`),
    },
    {
      noNullPrototype: true,
      requiredKeys: [
        "policies",
        "referenceValues",
        "workloadOwnerPubKeys",
        "workloadOwnerKeyDigests",
        "seedshareOwnerPubKeys",
      ],
    },
  )
}

function anyEntry(): fc.Arbitrary<PolicyEntry> {
  const text = fc.string({ unit: "binary", minLength: 1, maxLength: 20 })
  return fc.record(
    { sans: fc.array(text, { maxLength: 4 }), workloadSecretId: text, role: fc.constant("coordinator" as const) },
    { noNullPrototype: true, requiredKeys: ["sans"] },
  )
}

function anyInList(list: "snp" | "tdx"): fc.Arbitrary<ReferenceValues> {
  const insecure = fc.record(
    {
      kind: fc.constant("insecure" as const),
      platform: platform("insecure"),
      list: fc.constant(list),
    },
    { noNullPrototype: true },
  )
  return fc.oneof(list === "snp" ? anySnp() : anyTdx(), insecure)
}

function anySnp(): fc.Arbitrary<SnpReferenceValues> {
  const version = fc.nat({ max: 255 })
  const flags = fc.boolean()
  return fc.record(
    {
      kind: fc.constant("snp" as const),
      platform: platform("snp"),
      productName: fc.constantFrom("Milan" as const, "Genoa" as const, "Turin" as const),
      trustedMeasurement: bytes(48),
      apEip: bytes(4),
      minimumTcb: fc.record(
        {
          bootloaderVersion: version,
          teeVersion: version,
          snpVersion: version,
          microcodeVersion: version,
          fmcVersion: version,
        },
        { noNullPrototype: true, requiredKeys: [] },
      ),
      guestPolicy: fc.record(
        {
          abiMinor: version,
          abiMajor: version,
          smt: flags,
          migrateMa: flags,
          debug: flags,
          singleSocket: flags,
          cxlAllowed: flags,
          memAes256Xts: flags,
          raplDis: flags,
          cipherTextHidingDram: flags,
          pageSwapDisable: flags,
        },
        { noNullPrototype: true },
      ),
      platformInfo: fc.record(
        {
          smtEnabled: flags,
          tsmeEnabled: flags,
          eccEnabled: flags,
          raplDisabled: flags,
          ciphertextHidingDramEnabled: flags,
          aliasCheckComplete: flags,
          tioEnabled: flags,
        },
        { noNullPrototype: true },
      ),
      minimumMitigationVector: fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }),
      allowedChipIds: fc.array(bytes(64), { maxLength: 3 }),
      cpus: fc.nat({ max: 0xffff_ffff }),
    },
    {
      noNullPrototype: true,
      requiredKeys: [
        "kind",
        "platform",
        "minimumTcb",
        "guestPolicy",
        "platformInfo",
        "minimumMitigationVector",
        "allowedChipIds",
      ],
    },
  )
}

function anyTdx(): fc.Arbitrary<TdxReferenceValues> {
  return fc.record(
    {
      kind: fc.constant("tdx" as const),
      platform: platform("tdx"),
      minTcbEvaluationDataNumber: fc.nat({ max: 0xffff_ffff }),
      mrTd: bytes(48),
      mrSeam: bytes(48),
      rtmrs: fc.array(fc.option(bytes(48), { nil: undefined }), { minLength: 4, maxLength: 4 }),
      rtmr0Alternatives: fc.array(bytes(48), { maxLength: 3 }),
      xfam: bytes(8),
      tdAttributes: bytes(8),
      allowedPiids: fc.array(bytes(16), { maxLength: 3 }),
      memoryIntegrity: fc.boolean(),
      smtDisabled: fc.boolean(),
      staticPlatform: fc.boolean(),
      cpus: fc.nat({ max: 0xffff_ffff }),
    },
    {
      noNullPrototype: true,
      requiredKeys: [
        "kind",
        "platform",
        "minTcbEvaluationDataNumber",
        "rtmrs",
        "rtmr0Alternatives",
        "allowedPiids",
        "memoryIntegrity",
        "smtDisabled",
        "staticPlatform",
      ],
    },
  )
}

function platform(technology: Technology): fc.Arbitrary<Platform> {
  return fc.constantFrom(...PLATFORMS.filter((candidate) => technologyOf(candidate) === technology))
}

/** Two bytes are enough to tell one hash from another, and quickly made. */
function bytes(size: number): fc.Arbitrary<Uint8Array> {
  const byte = fc.nat({ max: 0xff })
  return fc.tuple(byte, byte).map(([first, others]) => new Uint8Array(size).fill(others).fill(first, 0, 1))
}

function hex(size: number | fc.Arbitrary<number>): fc.Arbitrary<string> {
  const sizes = typeof size === "number" ? fc.constant(size) : size
  return sizes.chain(bytes).map(encodeHex)
}
