import { encodeHex } from "@contrast/crypto"
import type { Checklist } from "../checklist.ts"
import type { TdxCode } from "./codes.ts"
import type { TdReport } from "./td-report.ts"

/** The host data stands in the first bytes of a longer register. */
export const HOST_DATA_BYTES = 32
/** Each of the lowest eight attributes gives the host a view into the TD (TDX Module ABI, "ATTRIBUTES.TUD"). */
const DEBUG_BYTE = 0

/** Checks what a safely configured TD shows, whatever a manifest says. */
export function checkPlatform(list: Checklist<TdxCode>, body: TdReport): void {
  list.equal("TD_DEBUG", "quote.tdAttributes[7:0]", body.tdAttributes[DEBUG_BYTE] ?? 0, 0)
  // No field of a manifest can name a service TD that may migrate this one, or an owner.
  checkZero(list, "TD_SERVICE", "quote.mrServiceTd", body.mrServiceTd ?? new Uint8Array(0))
  checkZero(list, "TD_OWNER", "quote.mrOwner", body.mrOwner)
  checkZero(list, "TD_OWNER", "quote.mrOwnerConfig", body.mrOwnerConfig)
  checkZero(list, "TD_HOST_DATA_PADDING", "quote.mrConfigId[32:]", body.mrConfigId.subarray(HOST_DATA_BYTES))
}

function checkZero(list: Checklist<TdxCode>, code: TdxCode, subject: string, value: Uint8Array): void {
  list.equal(code, subject, encodeHex(value), "00".repeat(value.length))
}
