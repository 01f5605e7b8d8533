import { encodeHex, equalBytes } from "@contrast/crypto"
import type { TdxReferenceValues } from "@contrast/manifest"
import { checkBinding, type PolicyExpectation } from "../binding-checks.ts"
import type { Checklist } from "../checklist.ts"
import type { Endorsed } from "./authenticity.ts"
import { checkPresence } from "../required-values.ts"
import { VALUE_CODES, type TdxCode } from "./codes.ts"
import { HOST_DATA_BYTES } from "./platform.ts"
import type { TdReport } from "./td-report.ts"
import { checkPlatformDemands } from "./platform-demands.ts"

/** What a quote is compared with. */
export interface TdxExpectation {
  readonly values: TdxReferenceValues
  /** Where the values stand, for example `ReferenceValues.tdx[0]`. */
  readonly path: string
  readonly policy: PolicyExpectation
  /** 64 bytes. */
  readonly reportData: Uint8Array
}

/** SEPT_VE_DISABLE, and no other attribute: bit 28 of a little-endian number. */
const TD_ATTRIBUTES = Uint8Array.of(0, 0, 0, 0x10, 0, 0, 0, 0)
const NO_BYTES = new Uint8Array(0)
/** CET_U and CET_S, bits 11 and 12: whether they are there depends on the processor and not on the guest. */
const XFAM_IGNORED = Uint8Array.of(0, 0x18, 0, 0, 0, 0, 0, 0)

/** Checks the quote against one entry of the manifest's reference values, all of it. */
export function checkReferenceValues(
  list: Checklist<TdxCode>,
  body: TdReport,
  endorsed: Endorsed,
  expectation: TdxExpectation,
): void {
  const required = requireValues(expectation.values)
  const isComplete = typeof required !== "string"
  checkPresence(list, expectation.path, isComplete ? undefined : required)
  if (isComplete) checkValues(list, body, endorsed, required, expectation)
  else list.skip(VALUE_CODES, "REFERENCE_VALUE_MISSING")
  const hostData = body.mrConfigId.subarray(0, HOST_DATA_BYTES)
  checkBinding(
    list,
    { hostData: ["quote.mrConfigId[:32]", hostData], reportData: ["quote.reportData", body.reportData] },
    expectation,
  )
}

function checkValues(
  list: Checklist<TdxCode>,
  body: TdReport,
  endorsed: Endorsed,
  required: RequiredValues,
  { values, path }: TdxExpectation,
): void {
  checkEvaluationNumber(list, endorsed, values, path)
  checkMeasurements(list, body, required, values, path)
  checkTdAttributes(list, body, values, path)
  checkPlatformDemands(list, endorsed.extension, values, path)
}

interface RequiredValues {
  readonly mrTd: Uint8Array
  readonly mrSeam: Uint8Array
  readonly rtmrs: readonly Uint8Array[]
  readonly xfam: Uint8Array
}

/** The values without which nothing can be judged; or the manifest key of the first that is absent. */
function requireValues({ mrTd, mrSeam, rtmrs, xfam }: TdxReferenceValues): RequiredValues | string {
  if (mrTd === undefined) return "MrTd"
  if (mrSeam === undefined) return "MrSeam"
  const present = rtmrs.filter((rtmr) => rtmr !== undefined)
  if (present.length < rtmrs.length) return `Rtmrs[${rtmrs.indexOf(undefined)}]`
  if (xfam === undefined) return "Xfam"
  return { mrTd, mrSeam, rtmrs: present, xfam }
}

/** Validly signed statements can be old; the manifest says how old they may be. */
function checkEvaluationNumber(
  list: Checklist<TdxCode>,
  { tcbInfo, qeIdentity }: Endorsed,
  { minTcbEvaluationDataNumber: minimum }: TdxReferenceValues,
  path: string,
): void {
  const numbers = { tcbInfo: tcbInfo?.evaluationNumber, qeIdentity: qeIdentity?.evaluationNumber }
  const differ = new Set(Object.values(numbers).filter((number) => number !== undefined)).size > 1
  const because: Readonly<Record<"tcbInfo" | "qeIdentity", readonly [TdxCode, ...TdxCode[]]>> = {
    tcbInfo: ["PCK_CHAIN_FORM", "TCB_INFO_MISSING", "TCB_INFO_FORM"],
    qeIdentity: ["PCK_CHAIN_FORM", "QE_IDENTITY_MISSING", "QE_IDENTITY_FORM"],
  }
  for (const name of ["tcbInfo", "qeIdentity"] as const) {
    const number = numbers[name]
    if (number === undefined) {
      list.skip(["TCB_EVALUATION_NUMBER"], ...because[name])
      continue
    }
    list.check("TCB_EVALUATION_NUMBER", {
      subject: `${name}.tcbEvaluationDataNumber`,
      passed: number >= minimum,
      expected: `at least ${minimum}`,
      actual: differ ? `${number}, of two that differ` : number,
      manifest: `${path}.MinTCBEvaluationDataNumber`,
    })
  }
}

function checkMeasurements(
  list: Checklist<TdxCode>,
  body: TdReport,
  { mrTd, mrSeam, rtmrs, xfam }: RequiredValues,
  { rtmr0Alternatives }: TdxReferenceValues,
  path: string,
): void {
  list.equal("TD_MRTD", "quote.mrTd", encodeHex(body.mrTd), encodeHex(mrTd), `${path}.MrTd`)
  list.equal("TD_MRSEAM", "quote.mrSeam", encodeHex(body.mrSeam), encodeHex(mrSeam), `${path}.MrSeam`)
  for (const [index, rtmr] of body.rtmrs.entries()) {
    const alternatives = index === 0 ? rtmr0Alternatives : []
    const expected = rtmrs[index] ?? NO_BYTES
    list.check("TD_RTMR", {
      subject: `quote.rtmrs[${index}]`,
      passed: [expected, ...alternatives].some((candidate) => equalBytes(candidate, rtmr)),
      expected:
        encodeHex(expected) + (alternatives.length > 0 ? `, or one of ${alternatives.length} alternatives` : ""),
      actual: encodeHex(rtmr),
      manifest: `${path}.Rtmrs[${index}]`,
    })
  }
  list.check("TD_XFAM", {
    subject: "quote.xfam",
    passed: equalBytes(withoutIgnored(body.xfam), withoutIgnored(xfam)),
    expected: encodeHex(xfam),
    actual: encodeHex(body.xfam),
    manifest: `${path}.Xfam`,
  })
}

function withoutIgnored(xfam: Uint8Array): Uint8Array {
  return xfam.map((byte, index) => byte & ~(XFAM_IGNORED[index] ?? 0))
}

function checkTdAttributes(
  list: Checklist<TdxCode>,
  { tdAttributes }: TdReport,
  values: TdxReferenceValues,
  path: string,
): void {
  const expected = values.tdAttributes ?? TD_ATTRIBUTES
  list.check("TD_ATTRIBUTES", {
    subject: "quote.tdAttributes",
    // A manifest cannot allow debugging.
    passed: equalBytes(tdAttributes, expected) && expected[0] === 0,
    expected: encodeHex(expected),
    actual: encodeHex(tdAttributes),
    ...(values.tdAttributes !== undefined && { manifest: `${path}.TdAttributes` }),
  })
}
