import type { CertificateExtension } from "@contrast/crypto"
import { encodeClaims, type ClaimValue } from "../claims.ts"
import type { EnclaveReport } from "./enclave-report.ts"
import { EVIDENCE_OIDS } from "../evidence.ts"
import type { TdxQuote } from "./quote.ts"
import { CERTIFICATION_PCK_CHAIN, CERTIFICATION_QE_REPORT } from "./quote-signature.ts"
import type { TdReport } from "./td-report.ts"

type Claim = readonly [arc: number, value: ClaimValue | undefined]

/** QE certification data besides its parts of variable size: report, signature, three sizes and a type. */
const QE_CERTIFICATION_BYTES = 384 + 64 + 2 + 2 + 4

/** What a quote says, as extensions below the platform's identifier (arcs as the established implementation numbers them). */
export function tdxClaims(quote: TdxQuote): readonly CertificateExtension[] {
  const { header, body, qeReport, qeAuthenticationData, pckChain } = quote
  return encodeClaims(EVIDENCE_OIDS.tdx, [
    [1, header.version],
    [2, header.attestationKeyType],
    [3, header.teeType],
    [4, header.qeSvn],
    [5, header.pceSvn],
    [6, header.qeVendorId],
    [7, header.userData],
    ...(body.kind === "td" ? bodyClaims(body) : []),
    [23, quote.signatureDataBytes],
    [24, quote.signature],
    [25, quote.attestationKey],
    [26, CERTIFICATION_QE_REPORT],
    [27, QE_CERTIFICATION_BYTES + qeAuthenticationData.length + pckChain.length],
    ...qeReportClaims(qeReport),
    [41, quote.qeReportSignature],
    [42, qeAuthenticationData.length],
    [43, qeAuthenticationData],
    [44, CERTIFICATION_PCK_CHAIN],
    [45, pckChain.length],
    [46, pckChain],
    [47, quote.trailing],
  ])
}

function bodyClaims(body: TdReport): readonly Claim[] {
  return [
    [8, body.teeTcbSvn],
    [9, body.mrSeam],
    [10, body.mrSignerSeam],
    [11, body.seamAttributes],
    [12, body.tdAttributes],
    [13, body.xfam],
    [14, body.mrTd],
    [15, body.mrConfigId],
    [16, body.mrOwner],
    [17, body.mrOwnerConfig],
    ...body.rtmrs.map((rtmr, index): Claim => [18 + index, rtmr]),
    [22, body.reportData],
  ]
}

/** Twelve fields, the reserved ones among them. */
function qeReportClaims({ raw, ...report }: EnclaveReport): readonly Claim[] {
  return [
    [29, report.cpuSvn],
    [30, report.miscSelect],
    [31, raw.subarray(20, 48)],
    [32, report.attributes],
    [33, report.mrEnclave],
    [34, raw.subarray(96, 128)],
    [35, report.mrSigner],
    [36, raw.subarray(160, 256)],
    [37, report.isvProdId],
    [38, report.isvSvn],
    [39, raw.subarray(260, 320)],
    [40, report.reportData],
  ]
}
