import { EVIDENCE_OIDS } from "@contrast/attestation"
import { decodeUtf8, encodeHex } from "@contrast/crypto"
import {
  INTEL_PLATFORM,
  INTEL_TD,
  intelAuthorities,
  intelChain,
  issueIntelCrl,
  issueQeIdentity,
  issueTcbInfo,
  signIntelQuote,
  type IntelStatement,
} from "@contrast/test-authority"
import { hoursFromNow, isoSeconds } from "./collateral-period.ts"
import { type HardwarePlatform, playKernel, type Published } from "./platform.ts"

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
  return {
    technology: "tdx",
    name: "Metal-QEMU-TDX",
    claimsOid: EVIDENCE_OIDS.tdx,
    referenceValues: { tdx: [REFERENCE_VALUES] },
    roots: { intelRoot: intelAuthorities().root.certificate },
    published: publishCollateral(),
    kernel: (hostData) =>
      playKernel("tdx", (reportData) => ({ outblob: signIntelQuote({ reportData, hostData, padding: 64 }) })),
  }
}

function publishCollateral(): HardwarePlatform["published"] {
  const { root, platformCa } = intelAuthorities()
  const [thisUpdate, nextUpdate] = [hoursFromNow(-24), hoursFromNow(24)]
  const content = { issueDate: isoSeconds(thisUpdate), nextUpdate: isoSeconds(nextUpdate) }
  return new Map<string, Published>([
    [
      `/tdx/certification/v4/tcb?fmspc=${encodeHex(INTEL_PLATFORM.fmspc)}&update=standard`,
      signed(issueTcbInfo({ content }), "TCB-Info-Issuer-Chain"),
    ],
    [
      "/tdx/certification/v4/qe/identity?update=standard",
      signed(issueQeIdentity({ content }), "SGX-Enclave-Identity-Issuer-Chain"),
    ],
    ["/sgx/certification/v4/rootcacrl", { body: issueIntelCrl({ signer: root, thisUpdate, nextUpdate }) }],
    [
      "/sgx/certification/v4/pckcrl?ca=platform&encoding=der",
      signed(
        {
          body: issueIntelCrl({ signer: platformCa, thisUpdate, nextUpdate }),
          issuerChain: intelChain(platformCa, root),
        },
        "SGX-PCK-CRL-Issuer-Chain",
      ),
    ],
  ])
}

function signed({ body, issuerChain }: IntelStatement, chainHeader: string): Published {
  return { body, headers: { [chainHeader]: encodeURIComponent(decodeUtf8(issuerChain)) } }
}
