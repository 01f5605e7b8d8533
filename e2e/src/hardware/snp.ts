import { EVIDENCE_OIDS, idKeyDigest } from "@contrast/attestation"
import { encodeHex } from "@contrast/crypto"
import {
  AMD_POLICY,
  AMD_TCB,
  amdAuthorities,
  amdHardwareId,
  issueAmdCrl,
  issueAmdLeaf,
  signAmdReport,
} from "@contrast/test-authority"
import { hoursFromNow } from "./collateral-period.ts"
import { type HardwarePlatform, playKernel } from "./platform.ts"

const CHIP_ID = encodeHex(amdHardwareId("Milan"))
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
  AllowedChipIDs: [CHIP_ID],
}

const TCB_QUERY = Object.entries({ blSPL: bootloader, teeSPL: tee, snpSPL: snp, ucodeSPL: microcode })
  .map(([part, version]) => `${part}=${String(version).padStart(2, "0")}`)
  .join("&")

/** SEV-SNP on a Milan processor. The leaf and the revocation list come from the played vendor's service. */
export function playSnp(): HardwarePlatform {
  const { ark, ask, asvk } = amdAuthorities("Milan")
  const crl = issueAmdCrl({ thisUpdate: hoursFromNow(-24), nextUpdate: hoursFromNow(24) })
  return {
    technology: "snp",
    name: "Metal-QEMU-SNP",
    claimsOid: EVIDENCE_OIDS.snp,
    referenceValues: { snp: [REFERENCE_VALUES] },
    roots: {
      amdRoots: {
        Milan: { ark: ark.certificate, issuers: { VCEK: ask.certificate, VLEK: asvk.certificate } },
      },
    },
    published: new Map([
      [`/vcek/v1/Milan/${CHIP_ID}?${TCB_QUERY}`, { body: issueAmdLeaf() }],
      ["/vcek/v1/Milan/crl", { body: crl }],
    ]),
    kernel: (hostData) =>
      playKernel("snp", (reportData) => ({
        outblob: signAmdReport({
          ...{ reportData, hostData, measurement: MEASUREMENT },
          idKeyDigest: idKeyDigest(MEASUREMENT, AMD_POLICY),
        }),
      })),
  }
}
