import type { Certificate } from "@contrast/crypto"
import { locateReferenceValues, type Manifest } from "@contrast/manifest"
import type { PolicyDemand } from "./binding-checks.ts"
import { type CollateralSource, NO_COLLATERAL } from "./collateral.ts"
import { AttestationError } from "./error.ts"
import {
  EVIDENCE_OIDS,
  MAX_DOCUMENT_BYTES,
  type Attested,
  type Evidence,
  type ValidationContext,
  type Validator,
} from "./evidence.ts"
import { createInsecureValidator } from "./insecure/validator.ts"
import type { AmdRoots } from "./snp/roots.ts"
import { createSnpValidator } from "./snp/validator.ts"
import { createTdxValidator } from "./tdx/validator.ts"

/** What evidence is judged with besides the manifest. */
export interface Trust {
  /** Where the vendors' statements are found. The default has none. */
  readonly collateral?: CollateralSource
  /** Trust roots. The default is what AMD publishes; no program passes another. */
  readonly amdRoots?: AmdRoots
  /** The default is what Intel publishes; no program passes another. */
  readonly intelRoot?: Certificate
}

/**
 * The validators of the platforms that a manifest has reference values for.
 *
 * @param demand - Which of the manifest's policies may attest; by default all that it names.
 */
export function validatorsFor(
  manifest: Manifest,
  { collateral = NO_COLLATERAL, amdRoots, intelRoot }: Trust = {},
  demand: PolicyDemand = "named",
): readonly Validator[] {
  const policy = { policies: manifest.policies, demand }
  const entries = locateReferenceValues(manifest.referenceValues).map(({ path, values }) => ({
    path: path.replace(/^\$\./, ""),
    values,
  }))
  const snp = entries.flatMap(({ path, values }) => (values.kind === "snp" ? [{ path, values }] : []))
  const tdx = entries.flatMap(({ path, values }) => (values.kind === "tdx" ? [{ path, values }] : []))
  return [
    ...(snp.length > 0 ? [createSnpValidator(snp, policy, { collateral, ...(amdRoots && { roots: amdRoots }) })] : []),
    ...(tdx.length > 0 ? [createTdxValidator(tdx, policy, { collateral, ...(intelRoot && { root: intelRoot }) })] : []),
    ...(entries.some(({ values }) => values.kind === "insecure") ? [createInsecureValidator(policy)] : []),
  ]
}

/**
 * Judges evidence by the validators of its format; the first that accepts decides.
 *
 * @throws {@link AttestationError} `EVIDENCE_FORM`; `EVIDENCE_TYPE`; `REFERENCE_VALUE_MISSING` if the manifest has no entry for
 *   the platform; or what the last validator refused it for.
 */
export async function validateEvidence(
  validators: readonly Validator[],
  evidence: Evidence,
  context: ValidationContext,
): Promise<Attested> {
  if (evidence.document.length > MAX_DOCUMENT_BYTES) {
    throw new AttestationError("EVIDENCE_FORM", `evidence is larger than ${MAX_DOCUMENT_BYTES} bytes`)
  }
  let refusal: AttestationError | undefined
  for (const validator of validators.filter(({ oid }) => oid === evidence.oid)) {
    try {
      return await validator.validate(evidence.document, context)
    } catch (error) {
      if (!(error instanceof AttestationError)) throw error
      refusal = error
    }
  }
  throw refusal ?? new AttestationError(codeOfType(evidence), describeType(validators, evidence))
}

/** A manifest may be given values of any processor; evidence that proves nothing is no such thing. */
function codeOfType({ oid }: Evidence): "REFERENCE_VALUE_MISSING" | "EVIDENCE_TYPE" {
  return oid === EVIDENCE_OIDS.snp || oid === EVIDENCE_OIDS.tdx ? "REFERENCE_VALUE_MISSING" : "EVIDENCE_TYPE"
}

function describeType(validators: readonly Validator[], { oid }: Evidence): string {
  const nameOf = (wanted: string): string =>
    Object.entries(EVIDENCE_OIDS).find(([, known]) => known === wanted)?.[0] ?? `unknown (${wanted.slice(0, 64)})`
  const accepted = validators.map((validator) => nameOf(validator.oid)).join(", ") || "none"
  return `evidence is of type ${nameOf(oid)}, the manifest has reference values for: ${accepted}`
}
