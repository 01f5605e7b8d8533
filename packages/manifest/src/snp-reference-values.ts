import { type Codec, blankable, flag, hexBytes, unsigned, unsignedBig, word } from "./codec.ts"
import { nullableList } from "./list-codec.ts"
import { platformCodec } from "./platform-codec.ts"
import { type Platform } from "./platforms.ts"
import { defaulted, fillable, omitEmpty, optional, required, struct } from "./struct-codec.ts"

/** AMD's product lines that we can judge. */
export const SNP_PRODUCTS = ["Milan", "Genoa", "Turin"] as const

/** A product line of AMD processors. */
export type SnpProduct = (typeof SNP_PRODUCTS)[number]

/**
 * What a SEV-SNP report must show (an entry of `ReferenceValues.snp`).
 *
 * A property that is absent has still to be filled in, save `apEip` and `cpus`: whoever needs it refuses.
 */
export interface SnpReferenceValues {
  readonly kind: "snp"
  readonly platform: Platform
  readonly productName?: SnpProduct
  /** 48 bytes: the launch digest, for one virtual processor where there is an `apEip`. */
  readonly trustedMeasurement?: Uint8Array
  /** 4 bytes, big-endian: where further processors start. With it, 1 to 220 of them are accepted. */
  readonly apEip?: Uint8Array
  readonly minimumTcb: MinimumTcb
  readonly guestPolicy: GuestPolicy
  readonly platformInfo: PlatformInfo
  /** Mitigations that must be in place, one bit each. */
  readonly minimumMitigationVector: bigint
  /** 64 bytes each; none at all means any chip. */
  readonly allowedChipIds: readonly Uint8Array[]
  /** Informative. */
  readonly cpus?: number
}

/** The lowest firmware versions, 0 to 255 each. */
export interface MinimumTcb {
  readonly bootloaderVersion?: number
  readonly teeVersion?: number
  readonly snpVersion?: number
  readonly microcodeVersion?: number
  /** On Turin only. */
  readonly fmcVersion?: number
}

/** The guest policy that the launcher must have asked for. */
export interface GuestPolicy {
  readonly abiMinor: number
  readonly abiMajor: number
  readonly smt: boolean
  readonly migrateMa: boolean
  readonly debug: boolean
  readonly singleSocket: boolean
  readonly cxlAllowed: boolean
  readonly memAes256Xts: boolean
  readonly raplDis: boolean
  readonly cipherTextHidingDram: boolean
  readonly pageSwapDisable: boolean
}

/** What may be, and what must be, true of the machine. */
export interface PlatformInfo {
  readonly smtEnabled: boolean
  readonly tsmeEnabled: boolean
  readonly eccEnabled: boolean
  readonly raplDisabled: boolean
  readonly ciphertextHidingDramEnabled: boolean
  readonly aliasCheckComplete: boolean
  readonly tioEnabled: boolean
}

const MEASUREMENT_BYTES = 48
const EIP_BYTES = 4
const CHIP_ID_BYTES = 64
const MAX_CHIP_IDS = 10_000

const version = unsigned(0xff)

const minimumTcb: Codec<MinimumTcb> = struct<MinimumTcb>({
  bootloaderVersion: fillable("BootloaderVersion", version, null),
  teeVersion: fillable("TEEVersion", version, null),
  snpVersion: fillable("SNPVersion", version, null),
  microcodeVersion: fillable("MicrocodeVersion", version, null),
  fmcVersion: optional("FMCVersion", blankable(version, null)),
})

const guestPolicy: Codec<GuestPolicy> = struct<GuestPolicy>({
  abiMinor: required("ABIMinor", unsigned(0xff)),
  abiMajor: required("ABIMajor", unsigned(0xff)),
  smt: required("SMT", flag),
  migrateMa: required("MigrateMA", flag),
  debug: required("Debug", flag),
  singleSocket: required("SingleSocket", flag),
  cxlAllowed: required("CXLAllowed", flag),
  memAes256Xts: required("MemAES256XTS", flag),
  raplDis: required("RAPLDis", flag),
  cipherTextHidingDram: required("CipherTextHidingDRAM", flag),
  pageSwapDisable: omitEmpty("PageSwapDisable", flag, false),
})

const platformInfo: Codec<PlatformInfo> = struct<PlatformInfo>({
  smtEnabled: required("SMTEnabled", flag),
  tsmeEnabled: required("TSMEEnabled", flag),
  eccEnabled: required("ECCEnabled", flag),
  raplDisabled: required("RAPLDisabled", flag),
  ciphertextHidingDramEnabled: required("CiphertextHidingDRAMEnabled", flag),
  aliasCheckComplete: required("AliasCheckComplete", flag),
  tioEnabled: omitEmpty("TIOEnabled", flag, false),
})

const fields: Codec<Omit<SnpReferenceValues, "kind">> = struct<Omit<SnpReferenceValues, "kind">>({
  platform: required("Platform", platformCodec("snp")),
  productName: fillable("ProductName", word(SNP_PRODUCTS, "PRODUCT_NAME"), ""),
  trustedMeasurement: fillable("TrustedMeasurement", hexBytes(MEASUREMENT_BYTES), ""),
  apEip: optional("APEIP", blankable(hexBytes(EIP_BYTES), "")),
  minimumTcb: required("MinimumTCB", minimumTcb),
  guestPolicy: required("GuestPolicy", guestPolicy),
  platformInfo: required("PlatformInfo", platformInfo),
  minimumMitigationVector: required("MinimumMitigationVector", unsignedBig(0xffff_ffff_ffff_ffffn)),
  allowedChipIds: defaulted("AllowedChipIDs", nullableList(hexBytes(CHIP_ID_BYTES), MAX_CHIP_IDS), []),
  cpus: optional("CPUs", unsigned(0xffff_ffff)),
})

/** An entry of `ReferenceValues.snp` for a platform that attests. */
export const snpCodec: Codec<SnpReferenceValues> = {
  read(node, problems) {
    const values = fields.read(node, problems)
    return values === undefined ? undefined : { kind: "snp", ...values }
  },
  write: (values) => fields.write(values),
}
