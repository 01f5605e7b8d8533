import { decodeHex, encodeHex } from "@contrast/crypto"
import type { Checklist } from "../checklist.ts"
import type { TdxCode } from "./codes.ts"
import type { EnclaveReport } from "./enclave-report.ts"
import type { QeIdentity } from "./qe-identity.ts"
import { findSvnLevel } from "./tcb-level.ts"
import { describeRating, type TcbRating } from "./tcb-status.ts"

const MISC_SELECT_OFFSET = 16
const MISC_SELECT_BYTES = 4

/** Checks that the enclave that quotes is the one that Intel states. @returns how old it is. */
export function checkQe(list: Checklist<TdxCode>, report: EnclaveReport, identity: QeIdentity): TcbRating | undefined {
  const miscSelect = report.raw.subarray(MISC_SELECT_OFFSET, MISC_SELECT_OFFSET + MISC_SELECT_BYTES)
  list.equal(
    "QE_MISCSELECT",
    "qeReport.miscSelect",
    applyMask(miscSelect, identity.miscSelectMask),
    identity.miscSelect,
  )
  const attributes = applyMask(report.attributes, identity.attributesMask)
  list.equal("QE_ATTRIBUTES", "qeReport.attributes", attributes, identity.attributes)
  list.equal("QE_SIGNER", "qeReport.mrSigner", encodeHex(report.mrSigner), identity.mrSigner)
  list.equal("QE_PRODUCT", "qeReport.isvProdId", report.isvProdId, identity.isvProdId)
  const level = findSvnLevel(identity.levels, report.isvSvn)
  list.check("QE_TCB_LEVEL", {
    subject: "qeReport.isvSvn",
    passed: level !== undefined,
    expected: `at least ${identity.levels.at(-1)?.isvSvn ?? "one level"}`,
    actual: level ? `${report.isvSvn}: ${describeRating(level)}` : report.isvSvn,
  })
  return level
}

/** The bits that a mask leaves, as lower-case hex. */
export function applyMask(bytes: Uint8Array, mask: string): string {
  const maskBytes = decodeHex(mask)
  return encodeHex(bytes.map((byte, index) => byte & (maskBytes[index] ?? 0)))
}
