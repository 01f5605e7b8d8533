import { type Platform, technologyOf } from "./platforms.ts"
import { type ReferenceValues } from "./reference-values.ts"
import { type GuestPolicy, type PlatformInfo, SNP_PRODUCTS } from "./snp-reference-values.ts"
import { RTMR_COUNT } from "./tdx-reference-values.ts"

const GUEST_POLICY: GuestPolicy = {
  abiMinor: 0,
  abiMajor: 0,
  smt: true,
  migrateMa: false,
  debug: false,
  singleSocket: false,
  cxlAllowed: false,
  memAes256Xts: false,
  raplDis: false,
  cipherTextHidingDram: false,
  pageSwapDisable: false,
}

const PLATFORM_INFO: PlatformInfo = {
  smtEnabled: true,
  tsmeEnabled: false,
  eccEnabled: false,
  raplDisabled: false,
  ciphertextHidingDramEnabled: false,
  aliasCheckComplete: false,
  tioEnabled: false,
}

/** x87, SSE, AVX, AVX-512, PKRU and AMX state, which the guest image uses. */
const XFAM = Uint8Array.of(0xe7, 0x02, 0x06, 0x00, 0x00, 0x00, 0x00, 0x00)

/**
 * The reference values that a new manifest starts from, one entry per product line.
 *
 * What depends on the guest image and on the owner's machines is left to be filled in, see `missingReferenceValues`.
 */
export function defaultReferenceValues(platform: Platform): readonly ReferenceValues[] {
  switch (technologyOf(platform)) {
    case "snp":
      return SNP_PRODUCTS.map((productName) => ({
        kind: "snp",
        platform,
        productName,
        minimumTcb: {},
        guestPolicy: GUEST_POLICY,
        platformInfo: PLATFORM_INFO,
        minimumMitigationVector: 0n,
        allowedChipIds: [],
      }))
    case "tdx":
      return [
        {
          kind: "tdx",
          platform,
          minTcbEvaluationDataNumber: 0,
          rtmrs: Array.from({ length: RTMR_COUNT }, () => undefined),
          rtmr0Alternatives: [],
          xfam: XFAM,
          allowedPiids: [],
          memoryIntegrity: false,
          smtDisabled: false,
          staticPlatform: false,
        },
      ]
    case "insecure":
      return [{ kind: "insecure", platform, list: "snp" }]
  }
}
