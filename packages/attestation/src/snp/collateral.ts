import { parseCertificate, type Certificate } from "@contrast/crypto"
import type { AmdCollateral, AmdQuery, CollateralSource, Freshness } from "../collateral.ts"
import { parseRevocationList } from "../crl.ts"
import type { Verdict } from "../verdict.ts"
import type { SnpCode } from "./codes.ts"
import type { ProductLine } from "./product-line.ts"
import { parseReport, productLineOf, REPORT_BYTES, tcbOf } from "./report.ts"
import { parseVekExtensions } from "./vek.ts"
import type { SnpEvidence } from "./verify.ts"

/** Refusals that other collateral may lift: that of another time, or of this very chip and TCB version. */
const LEAF_MAY_CHANGE: readonly SnpCode[] = [
  "SNP_VEK_MISSING",
  "SNP_VEK_VALIDITY",
  "SNP_VEK_PRODUCT",
  "SNP_VEK_TCB",
  "SNP_VEK_CHIP_ID",
]
const CRL_MAY_CHANGE: readonly SnpCode[] = [
  "SNP_CRL_MISSING",
  "SNP_CRL_FORM",
  "SNP_CRL_ISSUER",
  "SNP_CRL_SIGNATURE",
  "SNP_CRL_VALIDITY",
]

/** What is looked for. */
export interface CollateralSearch {
  readonly freshness: Freshness
  /** The line to ask for if neither report nor leaf name one: version 2 of the report does not. */
  readonly expectedLine: ProductLine | undefined
}

/**
 * Adds what AMD publishes to what came with the evidence. A leaf of the evidence stays unless it was refused; of two
 * revocation lists the newer one counts, so that nobody brings back the time before a revocation.
 */
export async function addCollateral(
  evidence: SnpEvidence,
  source: CollateralSource,
  { freshness, expectedLine }: CollateralSearch,
): Promise<SnpEvidence> {
  const query = queryOf(evidence, expectedLine)
  if (query === undefined) return evidence
  const mayAskAgain = freshness === "refresh"
  const wanted = { leaf: mayAskAgain || evidence.leaf === undefined, crl: mayAskAgain || evidence.crl === undefined }
  const { leaf: der, crl, problems } = await source.amd({ ...query, wanted }, freshness)
  const found = tryParse(der)
  return {
    ...evidence,
    leaf: freshness === "refresh" ? (found ?? evidence.leaf) : (evidence.leaf ?? found),
    crl: newerList(evidence.crl, crl),
    problems: der !== undefined && found === undefined ? [...problems, "the leaf found is no certificate"] : problems,
  }
}

/** Whether evidence was refused for nothing but collateral that may be another when asked for again. */
export function mayPassWithOtherCollateral({ checks }: Pick<Verdict<SnpCode>, "checks">): boolean {
  const failed = checks.filter(({ outcome }) => outcome === "fail").map(({ id }) => id)
  // The key of another leaf cannot have signed this report, so that says nothing more.
  const isOtherLeaf = failed.some((id) => LEAF_MAY_CHANGE.includes(id))
  return failed.every(
    (id) => LEAF_MAY_CHANGE.includes(id) || CRL_MAY_CHANGE.includes(id) || (isOtherLeaf && id === "SNP_SIGNATURE"),
  )
}

function queryOf(
  { report: raw, leaf }: SnpEvidence,
  expectedLine: ProductLine | undefined,
): Omit<AmdQuery, "wanted"> | undefined {
  if (raw.length !== REPORT_BYTES) return undefined
  const report = parseReport(raw)
  const line = productLineOf(report) ?? (leaf && parseVekExtensions(leaf)?.line) ?? expectedLine
  const reportedTcb = line && tcbOf(report, "reported", line)
  if (line === undefined || reportedTcb === undefined || report.signingKey === undefined) return undefined
  return { line, kind: report.signingKey, chipId: report.chipId, reportedTcb }
}

function newerList(ours: Uint8Array | undefined, theirs: AmdCollateral["crl"]): Uint8Array | undefined {
  if (ours === undefined || theirs === undefined) return ours ?? theirs
  return issuedAt(theirs) > issuedAt(ours) ? theirs : ours
}

/** An unreadable list is older than any. */
function issuedAt(crl: Uint8Array): number {
  try {
    return parseRevocationList(crl).thisUpdate.getTime()
  } catch {
    return -Infinity
  }
}

function tryParse(der: Uint8Array | undefined): Certificate | undefined {
  try {
    return der && parseCertificate(der)
  } catch {
    return undefined
  }
}
