import { encodeHex } from "@contrast/crypto"
import type { Checklist } from "../checklist.ts"
import type { TdxCode } from "./codes.ts"
import type { TdReport } from "./td-report.ts"

/** The host data stands in the first bytes of a longer register. */
export const HOST_DATA_BYTES = 32
/** Each of the lowest eight attributes gives the host a view into the TD (TDX Module ABI, "ATTRIBUTES.TUD"). */
const DEBUG_BYTE = 0
/** A service TD may move this one to another machine, with its keys (TDX Module ABI, "ATTRIBUTES.MIGRATABLE", bit 29). */
const MIGRATABLE = { byte: 3, mask: 1 << 5 }

/** Checks what a safely configured TD shows, whatever a manifest says. */
export function checkPlatform(list: Checklist<TdxCode>, body: TdReport): void {
  list.equal("TD_DEBUG", "quote.tdAttributes[7:0]", body.tdAttributes[DEBUG_BYTE] ?? 0, 0)
  // No field of a manifest can name a service TD that may migrate this one, or an owner.
  checkServiceTd(list, body)
  checkZero(list, "TD_OWNER", "quote.mrOwner", body.mrOwner)
  checkZero(list, "TD_OWNER", "quote.mrOwnerConfig", body.mrOwnerConfig)
  checkZero(list, "TD_HOST_DATA_PADDING", "quote.mrConfigId[32:]", body.mrConfigId.subarray(HOST_DATA_BYTES))
}

/** A report of TDX 1.0 does not say which service TD is bound, so none must be of any use. */
function checkServiceTd(list: Checklist<TdxCode>, { mrServiceTd, tdAttributes }: TdReport): void {
  if (mrServiceTd !== undefined) {
    checkZero(list, "TD_SERVICE", "quote.mrServiceTd", mrServiceTd)
    return
  }
  const isMigratable = ((tdAttributes[MIGRATABLE.byte] ?? 0) & MIGRATABLE.mask) !== 0
  list.equal("TD_SERVICE", "quote.tdAttributes[29]", Number(isMigratable), 0)
}

function checkZero(list: Checklist<TdxCode>, code: TdxCode, subject: string, value: Uint8Array): void {
  list.equal(code, subject, encodeHex(value), "00".repeat(value.length))
}
