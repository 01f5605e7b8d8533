import type { Checklist } from "../checklist.ts"
import type { TdxCode } from "./codes.ts"

/** The first of these codes that refused, to name why others were skipped. */
export function firstRefusal(list: Checklist<TdxCode>, ...codes: readonly [TdxCode, ...TdxCode[]]): TdxCode {
  const failed = new Set(list.checks.filter(({ outcome }) => outcome === "fail").map(({ id }) => id))
  return codes.find((code) => failed.has(code)) ?? codes[0]
}
