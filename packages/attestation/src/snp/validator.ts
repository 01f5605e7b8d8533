import { encodeHex, parseCertificate, type Certificate, type CertificateExtension } from "@contrast/crypto"
import type { SnpReferenceValues } from "@contrast/manifest"
import { type CollateralSource, type Freshness, NO_COLLATERAL } from "../collateral.ts"
import { AttestationError, refusedBy } from "../error.ts"
import { EVIDENCE_OIDS, type Attested, type ValidationContext, type Validator } from "../evidence.ts"
import { memoize } from "../memo.ts"
import type { Verdict } from "../verdict.ts"
import { snpClaims } from "./claims.ts"
import type { SnpCode } from "./codes.ts"
import { addCollateral, mayPassWithOtherCollateral } from "./collateral.ts"
import { parseSnpDocument } from "./document.ts"
import { parseReport } from "./report.ts"
import { type AmdRoots, amdRoots } from "./roots.ts"
import { verifySnp, type SnpEvidence } from "./verify.ts"

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
  trust: SnpTrust = { collateral: NO_COLLATERAL },
): Validator {
  return {
    oid: EVIDENCE_OIDS.snp,
    validate: (document, context) => validate(entries, trust, document, context),
  }
}

async function validate(
  entries: readonly LocatedSnpValues[],
  { collateral, roots = amdRoots() }: SnpTrust,
  document: Uint8Array,
  context: ValidationContext,
): Promise<Attested> {
  const evidence = readEvidence(document)
  const [expectedLine] = entries.flatMap(({ values }) => values.productName ?? [])
  const judgeWith = async (freshness: Freshness): Promise<Attested | readonly Verdict<SnpCode>[]> =>
    judge(entries, await addCollateral(evidence, collateral, { freshness, expectedLine }), { ...context, roots })

  const isComplete = evidence.leaf !== undefined && evidence.crl !== undefined
  const first = await judgeWith(isComplete ? "held" : "cached")
  if (isAttested(first)) return first
  const second = first.some(mayPassWithOtherCollateral) ? await judgeWith("refresh") : first
  if (isAttested(second)) return second
  throw refusedBy(second)
}

/** What the first entry that accepts makes of the evidence, or what each of them refuses it for. */
function judge(
  entries: readonly LocatedSnpValues[],
  evidence: SnpEvidence,
  context: ValidationContext & { readonly roots: AmdRoots },
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
