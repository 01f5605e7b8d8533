import type { TdxReferenceValues } from "@contrast/manifest"
import { parseTdxQuote, TdxQuoteError, type TdReport } from "../../src/index.ts"

const EMPTY: TdxReferenceValues = {
  kind: "tdx",
  platform: "Metal-QEMU-TDX",
  minTcbEvaluationDataNumber: 0,
  rtmrs: [],
  rtmr0Alternatives: [],
  allowedPiids: [],
  memoryIntegrity: false,
  smtDisabled: false,
  staticPlatform: false,
}

/** Reference values that are just what the TD shows, so that what remains is what no manifest decides. */
export function neutralValues(body: TdReport): TdxReferenceValues {
  return { ...EMPTY, mrTd: body.mrTd, mrSeam: body.mrSeam, rtmrs: body.rtmrs, xfam: body.xfam }
}

/** Values and report data for any bytes; empty ones if they are no quote of TDX. */
export function neutralExpectation(quote: Uint8Array): {
  readonly values: TdxReferenceValues
  readonly reportData: Uint8Array
} {
  try {
    const { body } = parseTdxQuote(quote)
    return { values: body.kind === "td" ? neutralValues(body) : EMPTY, reportData: body.reportData }
  } catch (error) {
    if (error instanceof TdxQuoteError) return { values: EMPTY, reportData: new Uint8Array(64) }
    throw error
  }
}
