import { type Codec, blankable, flag, hexBytes, unsigned } from "./codec.ts"
import { nullableList, tuple } from "./list-codec.ts"
import { platformCodec } from "./platform-codec.ts"
import { type Platform } from "./platforms.ts"
import { defaulted, fillable, omitEmpty, optional, required, struct } from "./struct-codec.ts"

/**
 * What a TDX quote must show (an entry of `ReferenceValues.tdx`).
 *
 * A measurement that is absent has still to be filled in: whoever needs it refuses.
 */
export interface TdxReferenceValues {
  readonly kind: "tdx"
  readonly platform: Platform
  /** Collateral must be at least this new; 0 means any. */
  readonly minTcbEvaluationDataNumber: number
  /** 48 bytes: the initial contents of the guest. */
  readonly mrTd?: Uint8Array
  /** 48 bytes: the TDX module. */
  readonly mrSeam?: Uint8Array
  /** Four registers of 48 bytes. */
  readonly rtmrs: readonly (Uint8Array | undefined)[]
  /** 48 bytes each: what RTMR0 may be instead, one per number of virtual processors. */
  readonly rtmr0Alternatives: readonly Uint8Array[]
  /** 8 bytes: extended features, as the quote has them. */
  readonly xfam?: Uint8Array
  /** 8 bytes, in older manifests: exactly these attributes instead of the fixed ones. */
  readonly tdAttributes?: Uint8Array
  /** 16 bytes each; none at all means any platform. */
  readonly allowedPiids: readonly Uint8Array[]
  readonly memoryIntegrity: boolean
  readonly smtDisabled: boolean
  readonly staticPlatform: boolean
  /** Informative. */
  readonly cpus?: number
}

/** Number of runtime measurement registers. */
export const RTMR_COUNT: number = 4

const MEASUREMENT_BYTES = 48
const XFAM_BYTES = 8
const TD_ATTRIBUTES_BYTES = 8
const PIID_BYTES = 16
const MAX_PIIDS = 10_000
const MAX_RTMR0_ALTERNATIVES = 256

const measurement = hexBytes(MEASUREMENT_BYTES)

const fields: Codec<Omit<TdxReferenceValues, "kind">> = struct<Omit<TdxReferenceValues, "kind">>({
  platform: required("Platform", platformCodec("tdx")),
  minTcbEvaluationDataNumber: required("MinTCBEvaluationDataNumber", unsigned(0xffff_ffff)),
  mrTd: fillable("MrTd", measurement, ""),
  mrSeam: fillable("MrSeam", measurement, ""),
  rtmrs: required("Rtmrs", tuple(blankable(measurement, ""), RTMR_COUNT)),
  // The established implementation's spelling was never seen; this one fits its other keys.
  rtmr0Alternatives: omitEmpty("Rtmr0Alternatives", nullableList(measurement, MAX_RTMR0_ALTERNATIVES), []),
  xfam: fillable("Xfam", hexBytes(XFAM_BYTES), ""),
  tdAttributes: optional("TdAttributes", blankable(hexBytes(TD_ATTRIBUTES_BYTES), "")),
  allowedPiids: defaulted("AllowedPIIDs", nullableList(hexBytes(PIID_BYTES), MAX_PIIDS), []),
  memoryIntegrity: required("MemoryIntegrity", flag),
  smtDisabled: required("SMTDisabled", flag),
  staticPlatform: required("StaticPlatform", flag),
  cpus: optional("CPUs", unsigned(0xffff_ffff)),
})

/** An entry of `ReferenceValues.tdx` for a platform that attests. */
export const tdxCodec: Codec<TdxReferenceValues> = {
  read(node, problems) {
    const values = fields.read(node, problems)
    return values === undefined ? undefined : { kind: "tdx", ...values }
  },
  write: (values) => fields.write(values),
}
