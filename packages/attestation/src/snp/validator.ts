import { encodeHex, parseCertificate, type Certificate } from "@contrast/crypto"
import type { SnpReferenceValues } from "@contrast/manifest"
import { type CollateralSource, NO_COLLATERAL } from "../collateral.ts"
import { AttestationError, refusedBy } from "../error.ts"
import { EVIDENCE_OIDS, type Attested, type ValidationContext, type Validator } from "../evidence.ts"
import type { Verdict } from "../verdict.ts"
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
    validate: (document, context) => Promise.try(judge, entries, trust, document, context),
  }
}

function judge(
  entries: readonly LocatedSnpValues[],
  { roots = amdRoots() }: SnpTrust,
  document: Uint8Array,
  { reportData, now }: ValidationContext,
): Attested {
  const evidence = readEvidence(document)
  const refused: Verdict[] = []
  for (const { path, values } of entries) {
    const { verdict, report } = verifySnp(evidence, { path, values, reportData, now, roots })
    if (verdict.accepted && report !== undefined) {
      return { platform: "snp", policyHash: encodeHex(report.hostData), claims: [], verdict }
    }
    refused.push(verdict)
  }
  throw refusedBy(refused)
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

/** An empty field is an absent one. */
function parse(der: Uint8Array | undefined): Certificate | undefined {
  return der === undefined || der.length === 0 ? undefined : parseCertificate(der)
}
