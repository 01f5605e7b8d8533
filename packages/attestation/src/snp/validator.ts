import { encodeHex, parseCertificate, type Certificate, type CertificateExtension } from "@contrast/crypto"
import type { SnpReferenceValues } from "@contrast/manifest"
import { type CollateralSource, type Freshness, NO_COLLATERAL } from "../collateral.ts"
import type { PolicyExpectation } from "../binding-checks.ts"
import { AttestationError, refusedBy } from "../error.ts"
import { EVIDENCE_OIDS, type Attested, type Validator } from "../evidence.ts"
import { memoize } from "../memo.ts"
import type { Verdict } from "../verdict.ts"
import { snpClaims } from "./claims.ts"
import type { SnpCode } from "./codes.ts"
import { addCollateral, findWantedAgain, type Wanted } from "./collateral.ts"
import { parseSnpDocument } from "./document.ts"
import { parseReport } from "./report.ts"
import { type AmdRoots, amdRoots } from "./roots.ts"
import { verifySnp, type SnpContext, type SnpEvidence } from "./verify.ts"

/** An entry of `ReferenceValues.snp` with its place. */
export interface LocatedSnpValues {
  readonly path: string
  readonly values: SnpReferenceValues
}

/** What reports are judged with besides the manifest. */
export interface SnpTrust {
  readonly collateral: CollateralSource
  /** The default is what AMD publishes; no program passes another. */
  readonly roots?: AmdRoots
}

/** Judges SEV-SNP evidence by the entries of a manifest: one of them has to accept all of it. */
export function createSnpValidator(
  entries: readonly LocatedSnpValues[],
  policy: PolicyExpectation,
  { collateral, roots = amdRoots() }: SnpTrust = { collateral: NO_COLLATERAL },
): Validator {
  return {
    oid: EVIDENCE_OIDS.snp,
    validate: (document, context) => validate(entries, collateral, document, { ...context, policy, roots }),
  }
}

/** What one piece of evidence is judged by, whatever the entry. */
type Context = Omit<SnpContext, "values" | "path">

async function validate(
  entries: readonly LocatedSnpValues[],
  collateral: CollateralSource,
  document: Uint8Array,
  context: Context,
): Promise<Attested> {
  const evidence = readEvidence(document)
  const expectedLines = [...new Set(entries.flatMap(({ values }) => values.productName ?? []))]
  const search = (from: SnpEvidence, freshness: Freshness, wanted: Wanted): Promise<SnpEvidence> =>
    addCollateral(from, collateral, { freshness, wanted, expectedLines })

  const lacking = { leaf: evidence.leaf === undefined, crl: evidence.crl === undefined }
  const complete = await search(evidence, lacking.leaf || lacking.crl ? "cached" : "held", lacking)
  const first = judge(entries, complete, context)
  if (isAttested(first)) return first
  const [again] = first.flatMap((verdict) => findWantedAgain(verdict, lacking) ?? [])
  if (again === undefined) throw refusedBy(first)
  // What was found stays, but for what is asked for again.
  const { leaf, crl } = {
    leaf: again.leaf ? evidence.leaf : complete.leaf,
    crl: again.crl ? evidence.crl : complete.crl,
  }
  const second = judge(entries, await search({ ...evidence, leaf, crl }, "refresh", again), context)
  if (isAttested(second)) return second
  throw refusedBy(second)
}

/** What the first entry that accepts makes of the evidence, or what each of them refuses it for. */
function judge(
  entries: readonly LocatedSnpValues[],
  evidence: SnpEvidence,
  context: Context,
): Attested | readonly Verdict<SnpCode>[] {
  const refused: Verdict<SnpCode>[] = []
  for (const { path, values } of entries) {
    const { verdict, report, line } = verifySnp(evidence, { ...context, path, values })
    if (verdict.accepted && report !== undefined && line !== undefined) {
      const claims = (): readonly CertificateExtension[] => snpClaims(report, line)
      return { platform: "snp", policyHash: encodeHex(report.hostData), claims, verdict }
    }
    refused.push(verdict)
  }
  return refused
}

function isAttested(outcome: Attested | readonly Verdict<SnpCode>[]): outcome is Attested {
  return "platform" in outcome
}

function readEvidence(document: Uint8Array): SnpEvidence {
  try {
    const { report, vcek, vlek, ask, ark, crl } = parseSnpDocument(document)
    const leaf = isSignedByVlek(report) ? vlek : vcek
    return { report, leaf: parse(leaf), authorities: [ask, ark].flatMap((der) => parse(der) ?? []), crl }
  } catch (cause) {
    throw new AttestationError("EVIDENCE_FORM", "expected a protobuf document sevsnp.Attestation", { cause })
  }
}

function isSignedByVlek(report: Uint8Array): boolean {
  return parseReport(report).signingKey === "VLEK"
}

const readCertificate = memoize(parseCertificate)

/** An empty field is an absent one. */
function parse(der: Uint8Array | undefined): Certificate | undefined {
  return der === undefined || der.length === 0 ? undefined : readCertificate(der)
}
