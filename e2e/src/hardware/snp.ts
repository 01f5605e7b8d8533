import { EVIDENCE_OIDS, idKeyDigest, NO_COLLATERAL } from "@contrast/attestation"
import { encodeHex } from "@contrast/crypto"
import {
  AMD_POLICY,
  AMD_TCB,
  amdHardwareId,
  amdTestRoots,
  issueAmdCrl,
  issueAmdLeaf,
  signAmdReport,
} from "@contrast/test-authority"
import { hoursFromNow } from "./collateral-period.ts"
import { issuerOver, type HardwarePlatform } from "./platform.ts"

const MEASUREMENT = new Uint8Array(48).fill(0x11)
const { bootloader, tee, snp, microcode } = AMD_TCB

const REFERENCE_VALUES = {
  Platform: "Metal-QEMU-SNP",
  ProductName: "Milan",
  TrustedMeasurement: encodeHex(MEASUREMENT),
  MinimumTCB: { BootloaderVersion: bootloader, TEEVersion: tee, SNPVersion: snp, MicrocodeVersion: microcode },
  GuestPolicy: {
    ...{ ABIMinor: 0, ABIMajor: 0, SMT: true, MigrateMA: false, Debug: false, SingleSocket: false, CXLAllowed: false },
    ...{ MemAES256XTS: false, RAPLDis: false, CipherTextHidingDRAM: false, PageSwapDisable: false },
  },
  PlatformInfo: {
    ...{ SMTEnabled: true, TSMEEnabled: false, ECCEnabled: false, RAPLDisabled: false },
    ...{ CiphertextHidingDRAMEnabled: false, AliasCheckComplete: false, TIOEnabled: false },
  },
  MinimumMitigationVector: 0,
  AllowedChipIDs: [encodeHex(amdHardwareId("Milan"))],
}

/** SEV-SNP on a Milan processor. The leaf and the revocation list come from the played vendor, as from its service. */
export function playSnp(): HardwarePlatform {
  const leaf = issueAmdLeaf()
  const crl = issueAmdCrl({ thisUpdate: hoursFromNow(-24), nextUpdate: hoursFromNow(24) })
  return {
    name: "snp",
    claimsOid: EVIDENCE_OIDS.snp,
    referenceValues: { snp: [REFERENCE_VALUES] },
    trust: {
      amdRoots: amdTestRoots(),
      collateral: { ...NO_COLLATERAL, amd: () => Promise.resolve({ leaf, crl, problems: [] }) },
    },
    issuer: (hostData) =>
      issuerOver("snp", (reportData) => ({
        outblob: signAmdReport({
          ...{ reportData, hostData, measurement: MEASUREMENT },
          idKeyDigest: idKeyDigest(MEASUREMENT, AMD_POLICY),
        }),
      })),
  }
}
