import { encodeHex } from "@contrast/crypto"
import { parseManifest } from "@contrast/manifest"
import {
  INTEL_TD,
  intelAuthorities,
  type IntelQuoteOptions,
  intelTcbLevel,
  issueIntelPck,
  issueIntelCollateral,
  issueQeIdentity,
  issueTcbInfo,
  signIntelQuote,
} from "@contrast/test-authority"
import { describe, expect, test } from "@jest/globals"
import {
  type CollateralSource,
  encodeTdxDocument,
  EVIDENCE_OIDS,
  type IntelQuery,
  NO_COLLATERAL,
  type Trust,
  validateEvidence,
  validatorsFor,
} from "../../src/index.ts"
import { HOST_DATA, NOW, REPORT_DATA } from "./test-intel.ts"

const entry = {
  Platform: "Metal-QEMU-TDX",
  MinTCBEvaluationDataNumber: 18,
  MrTd: encodeHex(INTEL_TD.mrTd),
  MrSeam: encodeHex(INTEL_TD.mrSeam),
  Rtmrs: INTEL_TD.rtmrs.map((rtmr) => encodeHex(rtmr)),
  Xfam: encodeHex(INTEL_TD.xfam),
  MemoryIntegrity: true,
  SMTDisabled: true,
  StaticPlatform: true,
}

function manifestWith(...tdx: readonly object[]) {
  const policy = { SANs: ["coordinator"], WorkloadSecretID: "", Role: "coordinator" }
  const manifest = { Policies: { [encodeHex(HOST_DATA)]: policy }, ReferenceValues: { tdx } }
  return parseManifest(Buffer.from(JSON.stringify(manifest)))
}

const asked: IntelQuery[] = []
const trust: Trust = {
  intelRoot: intelAuthorities().root.certificate,
  collateral: {
    ...NO_COLLATERAL,
    intel: (query) => {
      asked.push(query)
      return Promise.resolve(issueIntelCollateral())
    },
  },
}
const quote = signIntelQuote({ version: 5, reportData: REPORT_DATA, hostData: HOST_DATA, padding: 30 })
const evidence = { oid: EVIDENCE_OIDS.tdx, document: encodeTdxDocument(quote) }
const context = { reportData: REPORT_DATA, now: NOW }

describe("a manifest with reference values for TDX", () => {
  test("accepts evidence by the entry that fits", async () => {
    const validators = validatorsFor(manifestWith({ ...entry, MrTd: "00".repeat(48) }, entry), trust)

    const attested = await validateEvidence(validators, evidence, context)

    expect(attested).toMatchObject({
      platform: "tdx",
      policyHash: encodeHex(HOST_DATA),
      verdict: { accepted: true, referenceValue: "ReferenceValues.tdx[1]" },
    })
    expect(asked.map(({ fmspc, ca }) => [encodeHex(fmspc), ca])).toEqual([["b0c06f000000", "platform"]])
  })

  test("looks for statements as new as each entry wants them, once for those that want the same", async () => {
    const wrong = { ...entry, MrTd: "00".repeat(48) }
    const demanding = { ...wrong, MinTCBEvaluationDataNumber: 19 }
    const validators = validatorsFor(manifestWith(wrong, demanding, entry), trust)
    asked.length = 0

    await validateEvidence(validators, evidence, context)
    expect(asked.map(({ minimumEvaluation }) => minimumEvaluation)).toEqual([18])

    const refused = validateEvidence(validatorsFor(manifestWith(wrong, demanding, wrong), trust), evidence, context)
    await expect(refused).rejects.toMatchObject({ verdicts: { length: 3 } })
    expect(asked.map(({ minimumEvaluation }) => minimumEvaluation)).toEqual([18, 18, 19])
  })

  test("accepts a machine by an entry that demands less, though another one demands more", async () => {
    const tcbEvaluationDataNumber = 19
    const outOfDate = {
      ...issueIntelCollateral(),
      tcbInfo: issueTcbInfo({ content: { tcbEvaluationDataNumber, tcbLevels: [intelTcbLevel("OutOfDate")] } }),
      qeIdentity: issueQeIdentity({ content: { tcbEvaluationDataNumber } }),
    }
    const intel = ({ minimumEvaluation }: IntelQuery) =>
      Promise.resolve(minimumEvaluation > 18 ? outOfDate : issueIntelCollateral())
    const demanding = { ...entry, MinTCBEvaluationDataNumber: 19 }
    const validators = validatorsFor(manifestWith(demanding, entry), {
      ...trust,
      collateral: { ...NO_COLLATERAL, intel },
    })

    expect(await validateEvidence(validators, evidence, context)).toMatchObject({
      verdict: { accepted: true, referenceValue: "ReferenceValues.tdx[1]" },
    })
  })

  test("asks again where that may help one entry, though it helps no other", async () => {
    const freshnesses: string[] = []
    const intel: CollateralSource["intel"] = (query, freshness) => {
      freshnesses.push(freshness)
      return freshness === "refresh" ? Promise.resolve(issueIntelCollateral()) : NO_COLLATERAL.intel(query, freshness)
    }
    const wrong = { ...entry, MrTd: "00".repeat(48) }
    const validators = validatorsFor(manifestWith(wrong, entry), { ...trust, collateral: { ...NO_COLLATERAL, intel } })

    expect(await validateEvidence(validators, evidence, context)).toMatchObject({ verdict: { accepted: true } })
    expect(freshnesses).toEqual(["cached", "refresh"])
  })

  test("shows one verdict for each entry, the closest first", async () => {
    const wrong = { ...entry, MrTd: "00".repeat(48) }
    const validators = validatorsFor(manifestWith({ ...wrong, MrSeam: "00".repeat(48) }, wrong), trust)

    await expect(validateEvidence(validators, evidence, context)).rejects.toMatchObject({
      code: "TD_MRTD",
      verdicts: [{ referenceValue: "ReferenceValues.tdx[1]" }, { referenceValue: "ReferenceValues.tdx[0]" }],
    })
  })

  test.each<[string, IntelQuoteOptions]>([
    ["PCK_CHAIN_FORM", { chain: new Uint8Array(0) }],
    ["PCK_EXTENSIONS", { pck: issueIntelPck({ sgxExtension: Uint8Array.of(0x30, 0) }) }],
  ])("asks Intel nothing of a platform that it cannot name: %s", async (code, options) => {
    const nameless = signIntelQuote({ reportData: REPORT_DATA, hostData: HOST_DATA, ...options })
    const document = encodeTdxDocument(nameless)
    asked.length = 0

    await expect(
      validateEvidence(validatorsFor(manifestWith(entry), trust), { ...evidence, document }, context),
    ).rejects.toMatchObject({ code, message: expect.stringContaining(code) })
    expect(asked).toEqual([])
  })

  test("believes the played Intel only where its root is given", async () => {
    const { collateral } = trust
    const validators = validatorsFor(manifestWith(entry), { ...(collateral && { collateral }) })

    await expect(validateEvidence(validators, evidence, context)).rejects.toMatchObject({
      code: "PCK_CHAIN_ROOT",
      message: expect.stringContaining("PCK_CHAIN_ROOT"),
    })
  })

  test("names the evidence of another session by its own code", async () => {
    const validators = validatorsFor(manifestWith(entry), trust)

    await expect(
      validateEvidence(validators, evidence, { ...context, reportData: new Uint8Array(64) }),
    ).rejects.toMatchObject({ code: "REPORT_DATA" })
  })
})
