import { encodeUtf8 } from "@contrast/crypto"
import { parseManifest, type Manifest } from "@contrast/manifest"
import { describe, expect, test } from "@jest/globals"
import {
  createInsecureIssuer,
  EVIDENCE_OIDS,
  requireCoordinator,
  requirePolicy,
  validateEvidence,
  validatorsFor,
  type Attested,
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
const validators = validatorsFor(manifest)

async function attest(hash: string): Promise<Attested> {
  const issuer = createInsecureIssuer({ hostData: Buffer.from(hash, "hex") })
  return validateEvidence(validators, await issuer.issue(reportData), context)
}

test("evidence of a platform in the manifest is accepted", async () => {
  expect((await attest(webHash)).policyHash).toBe(webHash)
})

describe("evidence is refused", () => {
  test.each([
    ["of a platform that the manifest has no values for", EVIDENCE_OIDS.snp, "snp"],
    ["of an unknown type", "1.2.3", "unknown (1.2.3)"],
    ["of no type", "", "unknown ()"],
  ])("%s", async (_title, oid, named) => {
    const refusal = validateEvidence(validators, { oid, document: new Uint8Array(1) }, context)

    await expect(refusal).rejects.toMatchObject({ code: "EVIDENCE_TYPE", message: expect.stringContaining(named) })
  })

  test("that is too large, before anything reads it", async () => {
    const document = new Uint8Array(128 * 1024 + 1)

    await expect(
      validateEvidence(validators, { oid: EVIDENCE_OIDS.insecure, document }, context),
    ).rejects.toMatchObject({ code: "EVIDENCE_FORM" })
  })

  test("of a manifest without validators", async () => {
    const evidence = await createInsecureIssuer({ hostData: new Uint8Array(32) }).issue(reportData)

    await expect(validateEvidence([], evidence, context)).rejects.toMatchObject({ code: "EVIDENCE_TYPE" })
  })
})

describe("a policy", () => {
  test("of the manifest gives its entry", async () => {
    expect(requirePolicy(manifest, await attest(webHash)).sans).toEqual(["web"])
  })

  test("that the manifest does not name is refused by its hash", async () => {
    const attested = await attest("cc".repeat(32))

    expect(() => requirePolicy(manifest, attested)).toThrow(`policy hash ${"cc".repeat(32)} not found in manifest`)
  })

  test("with the role coordinator is a Coordinator's, any other is not", async () => {
    const coordinator = await attest(coordinatorHash)
    const web = await attest(webHash)

    expect(() => {
      requireCoordinator(manifest, coordinator)
    }).not.toThrow()
    expect(() => {
      requireCoordinator(manifest, web)
    }).toThrow(expect.objectContaining({ code: "HOST_DATA" }))
  })
})
