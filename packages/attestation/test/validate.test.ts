import { encodeUtf8 } from "@contrast/crypto"
import { parseManifest, type Manifest } from "@contrast/manifest"
import { describe, expect, test } from "@jest/globals"
import {
  AttestationError,
  createInsecureIssuer,
  EVIDENCE_OIDS,
  validateEvidence,
  validatorsFor,
  type Attested,
  type AttestationErrorCode,
  type PolicyDemand,
  type Validator,
} from "../src/index.ts"

const coordinatorHash = "aa".repeat(32)
const webHash = "bb".repeat(32)
const reportData = new Uint8Array(64).fill(1)
const context = { reportData, now: new Date("2026-06-01T00:00:00Z") }
const manifest: Manifest = parseManifest(
  encodeUtf8(
    JSON.stringify({
      Policies: {
        [coordinatorHash]: { SANs: ["coordinator"], Role: "coordinator" },
        [webHash]: { SANs: ["web"] },
      },
      ReferenceValues: { snp: [{ Platform: "Metal-QEMU-Insecure" }] },
      WorkloadOwnerPubKeys: [],
      SeedshareOwnerPubKeys: [],
    }),
  ),
)
const TDX = {
  ...{ Platform: "Metal-QEMU-TDX", MinTCBEvaluationDataNumber: 1, Rtmrs: ["", "", "", ""] },
  ...{ MemoryIntegrity: true, SMTDisabled: true, StaticPlatform: true },
}
const validators = validatorsFor(manifest)

async function attest(hash: string, demand?: PolicyDemand): Promise<Attested> {
  const issuer = createInsecureIssuer({ hostData: Buffer.from(hash, "hex") })
  return validateEvidence(validatorsFor(manifest, {}, demand), await issuer.issue(reportData), context)
}

test.each([
  ["insecure alone", { snp: [{ Platform: "Metal-QEMU-Insecure" }] }, ["insecure"]],
  ["of Intel", { tdx: [TDX] }, ["tdx"]],
  ["of Intel, and insecure", { snp: [{ Platform: "Metal-QEMU-Insecure" }], tdx: [TDX, TDX] }, ["tdx", "insecure"]],
  ["none", {}, []],
] as const)("for reference values that are %s, there is one validator of each kind", (_title, values, kinds) => {
  const found = validatorsFor(parseManifest(encodeUtf8(JSON.stringify({ Policies: {}, ReferenceValues: values }))))

  expect(found.map(({ oid }) => oid)).toEqual(kinds.map((kind) => EVIDENCE_OIDS[kind]))
})

test("evidence of a platform in the manifest is accepted", async () => {
  expect((await attest(webHash)).policyHash).toBe(webHash)
})

describe("evidence is refused", () => {
  test.each([
    ["of AMD where the manifest has no values for it", EVIDENCE_OIDS.snp, "REFERENCE_VALUE_MISSING", "snp"],
    ["of Intel where the manifest has no values for it", EVIDENCE_OIDS.tdx, "REFERENCE_VALUE_MISSING", "tdx"],
    ["of an unknown type", "1.2.3", "EVIDENCE_TYPE", "unknown (1.2.3)"],
    ["of no type", "", "EVIDENCE_TYPE", "unknown ()"],
    ["of a very long type", "1".repeat(99), "EVIDENCE_TYPE", `unknown (${"1".repeat(64)}), the manifest`],
  ])("%s", async (_title, oid, code, named) => {
    const refusal = validateEvidence(validators, { oid, document: new Uint8Array(1) }, context)

    await expect(refusal).rejects.toMatchObject({ code, message: expect.stringContaining(named) })
  })

  test("that is too large, before anything reads it", async () => {
    const document = new Uint8Array(128 * 1024 + 1)

    await expect(validateEvidence(validators, { oid: "1.2.3", document }, context)).rejects.toMatchObject({
      code: "EVIDENCE_FORM",
    })
  })

  test("of the largest size is looked at", async () => {
    const document = new Uint8Array(128 * 1024)

    await expect(validateEvidence(validators, { oid: "1.2.3", document }, context)).rejects.toMatchObject({
      code: "EVIDENCE_TYPE",
    })
  })

  test("by the last validator, if none accepts it, and a fault of one is no refusal", async () => {
    const refusing = (code: AttestationErrorCode): Validator => ({
      oid: "1.2.3",
      validate: () => Promise.reject(new AttestationError(code, "refused")),
    })
    const broken: Validator = { oid: "1.2.3", validate: () => Promise.reject(new TypeError("broken")) }
    const evidence = { oid: "1.2.3", document: new Uint8Array(1) }

    await expect(
      validateEvidence([refusing("SNP_DEBUG"), refusing("SNP_VMPL")], evidence, context),
    ).rejects.toMatchObject({ code: "SNP_VMPL" })
    await expect(validateEvidence([broken, refusing("SNP_DEBUG")], evidence, context)).rejects.toThrow(TypeError)
  })

  test("of a manifest without validators", async () => {
    const evidence = await createInsecureIssuer({ hostData: new Uint8Array(32) }).issue(reportData)

    await expect(validateEvidence([], evidence, context)).rejects.toMatchObject({
      code: "EVIDENCE_TYPE",
      message: "evidence is of type insecure, the manifest has reference values for: none",
    })
  })
})

describe("a policy", () => {
  const unknownHash = "cc".repeat(32)

  test.each<[string, string, PolicyDemand | undefined, string]>([
    ["of the manifest", webHash, undefined, "a policy of the manifest"],
    [
      "with the role coordinator, where it is demanded,",
      coordinatorHash,
      "coordinator",
      "a policy of the manifest with the role coordinator",
    ],
    [
      "that the manifest does not name, for a caller who takes any,",
      unknownHash,
      "any",
      "any policy, its entry is looked up later",
    ],
  ])("%s is accepted", async (_title, hash, demand, expected) => {
    const { verdict } = await attest(hash, demand)

    expect(verdict.checks).toContainEqual({
      ...{ id: "HOST_DATA", subject: "document.hostData", outcome: "pass" },
      ...{ expected, actual: hash, manifest: "Policies" },
    })
  })

  test.each<[string, string, PolicyDemand | undefined, string]>([
    ["that the manifest does not name", unknownHash, undefined, "which the manifest does not name"],
    [
      "that the manifest does not name, as Coordinator,",
      unknownHash,
      "coordinator",
      "which the manifest does not name",
    ],
    ["without the role coordinator, where it is demanded,", webHash, "coordinator", "which has no role coordinator"],
  ])("%s is refused, by a check of the verdict", async (_title, hash, demand, flaw) => {
    await expect(attest(hash, demand)).rejects.toMatchObject({
      code: "HOST_DATA",
      verdicts: [{ accepted: false, checks: [{ id: "HOST_DATA", outcome: "fail", actual: `${hash}, ${flaw}` }, {}] }],
    })
  })
})
