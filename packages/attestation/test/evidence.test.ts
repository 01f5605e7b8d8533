import { intelPlatform } from "@contrast/test-authority"
import { expect, test } from "@jest/globals"
import { EVIDENCE_OIDS, findEvidence, NO_COLLATERAL } from "../src/index.ts"
import { isValidAt } from "../src/validity.ts"

const { certificate } = intelPlatform()
const extension = (oid: string, byte: number) => ({ oid, critical: false, value: Uint8Array.of(byte) })

test.each(Object.entries(EVIDENCE_OIDS))(
  "evidence of %s is found in a certificate, among other extensions",
  (_platform, oid) => {
    const extensions = [extension("1.2.3", 1), extension(oid, 2), extension(EVIDENCE_OIDS.insecure, 3)]

    expect(findEvidence({ ...certificate, extensions })).toEqual({ oid, document: Uint8Array.of(2) })
    expect(findEvidence({ ...certificate, extensions: extensions.slice(0, 1) })).toBeUndefined()
  },
)

test("where there is no collateral, everything is absent, and nobody is to blame", async () => {
  const amd = { leaf: undefined, crl: undefined, problems: [] }
  const intel = { tcbInfo: undefined, qeIdentity: undefined, rootCrl: undefined, pckCrl: undefined, problems: [] }
  const chip = { line: "Milan", kind: "VCEK", chipId: new Uint8Array(64), wanted: { leaf: true, crl: true } } as const
  const reportedTcb = { bootloader: 0, tee: 0, snp: 0, microcode: 0 }

  expect(await NO_COLLATERAL.amd({ ...chip, reportedTcb }, "cached")).toEqual(amd)
  expect(
    await NO_COLLATERAL.intel({ fmspc: new Uint8Array(6), ca: "platform", minimumEvaluation: 0 }, "cached"),
  ).toEqual(intel)
})

test("both ends of a certificate's period belong to it", () => {
  const { notBefore, notAfter } = certificate
  const at = (date: Date, offset = 0) => isValidAt(certificate, new Date(date.getTime() + offset))

  expect([at(notBefore, -1), at(notBefore), at(notAfter), at(notAfter, 1)]).toEqual([false, true, true, false])
})
