import { EVIDENCE_OIDS, NO_COLLATERAL } from "@contrast/attestation"
import { encodeHex } from "@contrast/crypto"
import {
  INTEL_TD,
  intelAuthorities,
  issueIntelCrl,
  issueQeIdentity,
  issueTcbInfo,
  signIntelQuote,
  type IntelTestCollateral,
} from "@contrast/test-authority"
import { hoursFromNow, isoSeconds } from "./collateral-period.ts"
import { issuerOver, type HardwarePlatform } from "./platform.ts"

const REFERENCE_VALUES = {
  Platform: "Metal-QEMU-TDX",
  MinTCBEvaluationDataNumber: 18,
  MrTd: encodeHex(INTEL_TD.mrTd),
  MrSeam: encodeHex(INTEL_TD.mrSeam),
  Rtmrs: INTEL_TD.rtmrs.map(encodeHex),
  Xfam: encodeHex(INTEL_TD.xfam),
  MemoryIntegrity: true,
  SMTDisabled: true,
  StaticPlatform: true,
}

/** TDX on a platform that its played vendor finds up to date. */
export function playTdx(): HardwarePlatform {
  const collateral = issueCollateral()
  return {
    name: "tdx",
    claimsOid: EVIDENCE_OIDS.tdx,
    referenceValues: { tdx: [REFERENCE_VALUES] },
    trust: {
      intelRoot: intelAuthorities().root.certificate,
      collateral: { ...NO_COLLATERAL, intel: () => Promise.resolve(collateral) },
    },
    issuer: (hostData) =>
      issuerOver("tdx", (reportData) => ({ outblob: signIntelQuote({ reportData, hostData, padding: 64 }) })),
  }
}

function issueCollateral(): IntelTestCollateral {
  const { root, platformCa } = intelAuthorities()
  const [thisUpdate, nextUpdate] = [hoursFromNow(-24), hoursFromNow(24)]
  const content = { issueDate: isoSeconds(thisUpdate), nextUpdate: isoSeconds(nextUpdate) }
  return {
    tcbInfo: issueTcbInfo({ content }),
    qeIdentity: issueQeIdentity({ content }),
    rootCrl: issueIntelCrl({ signer: root, thisUpdate, nextUpdate }),
    pckCrl: issueIntelCrl({ signer: platformCa, thisUpdate, nextUpdate }),
    problems: [],
  }
}
