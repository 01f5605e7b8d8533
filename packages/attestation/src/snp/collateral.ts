import type { AmdCollateral, AmdQuery, CollateralSource, Freshness } from "../collateral.ts"
import { parseRevocationList } from "../crl.ts"
import { refusalClassOf } from "../refusal-class.ts"
import type { Verdict } from "../verdict.ts"
import { findCertificate } from "./certificate-bytes.ts"
import type { SnpCode } from "./codes.ts"
import type { ProductLine } from "./product-line.ts"
import { parseReport, REPORT_BYTES, tcbOf } from "./report.ts"
import { CRL_CODES } from "./revocation.ts"
import { lineOf, parseVekExtensions } from "./vek.ts"
import type { SnpEvidence } from "./verify.ts"

/** What AMD may be asked for. */
export type Wanted = AmdQuery["wanted"]

/** What may be wrong with a leaf. */
const LEAF_CODES: readonly SnpCode[] = [
  "SNP_VEK_MISSING",
  "SNP_VEK_FORM",
  "SNP_VEK_EXTENSIONS",
  "SNP_VEK_ISSUER",
  "SNP_VEK_SIGNATURE",
  "SNP_VEK_VALIDITY",
  "SNP_VEK_PRODUCT",
  "SNP_VEK_TCB",
  "SNP_VEK_CHIP_ID",
]

/** What is looked for. */
export interface CollateralSearch {
  readonly freshness: Freshness
  readonly wanted: Wanted
  /** The lines to ask for, one after the other, if neither report nor leaf name one: version 2 of the report does not. */
  readonly expectedLines: readonly ProductLine[]
}

/**
 * Adds what AMD publishes to what came with the evidence. A leaf of the evidence stays unless it was refused; of two
 * revocation lists the newer one counts, so that nobody brings back the time before a revocation.
 */
export async function addCollateral(
  evidence: SnpEvidence,
  source: CollateralSource,
  { freshness, wanted, expectedLines }: CollateralSearch,
): Promise<SnpEvidence> {
  let found = evidence
  const problems: string[] = []
  for (const query of findQueries(evidence, expectedLines)) {
    const answer = await source.amd({ ...query, wanted }, freshness)
    problems.push(...answer.problems)
    found = addFound(evidence, wanted, { ...answer, problems })
    if (found.leaf !== undefined) break
  }
  return found
}

/**
 * What AMD may be asked for again; `undefined` if something stands against the evidence that no other answer lifts.
 *
 * @param lacking - What did not come with the evidence. Whatever is wrong with a leaf that was found, the next may be right.
 */
export function findWantedAgain({ checks }: Pick<Verdict<SnpCode>, "checks">, lacking: Wanted): Wanted | undefined {
  const failed = checks.filter(({ outcome }) => outcome === "fail").map(({ id }) => id)
  const isOfLeaf = (id: SnpCode): boolean => LEAF_CODES.includes(id) && (lacking.leaf || refusalClassOf(id) === "wait")
  const isOfCrl = (id: SnpCode): boolean => CRL_CODES.includes(id) && refusalClassOf(id) === "wait"
  const wanted = { leaf: failed.some(isOfLeaf), crl: failed.some(isOfCrl) }
  // The key of another leaf cannot have signed this report, so that says nothing more.
  const mayPass = failed.every((id) => isOfLeaf(id) || isOfCrl(id) || (wanted.leaf && id === "SNP_SIGNATURE"))
  return mayPass && (wanted.leaf || wanted.crl) ? wanted : undefined
}

/** One for each line that the chip may be of. */
function findQueries(
  { report: raw, leaf }: SnpEvidence,
  expectedLines: readonly ProductLine[],
): readonly Omit<AmdQuery, "wanted">[] {
  if (raw.length !== REPORT_BYTES) return []
  const report = parseReport(raw)
  const kind = report.signingKey
  if (kind === undefined) return []
  const known = lineOf(report, leaf && parseVekExtensions(leaf))
  const lines = known === undefined && report.version < 3 ? expectedLines : [known]
  return lines.flatMap((line) => {
    const reportedTcb = line && tcbOf(report, "reported", line)
    return line && reportedTcb ? { line, kind, chipId: report.chipId, reportedTcb } : []
  })
}

function addFound(evidence: SnpEvidence, wanted: Wanted, { leaf: der, crl, problems }: AmdCollateral): SnpEvidence {
  const found = findCertificate(der)
  return {
    ...evidence,
    leaf: wanted.leaf ? (found ?? evidence.leaf) : evidence.leaf,
    crl: newerList(evidence.crl, crl),
    problems: der !== undefined && found === undefined ? [...problems, "the leaf found is no certificate"] : problems,
  }
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
