import type { Certificate } from "@contrast/crypto"
import { locateReferenceValues, type Manifest, type PolicyEntry } from "@contrast/manifest"
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

/** The validators of the platforms that a manifest has reference values for. */
export function validatorsFor(
  manifest: Manifest,
  { collateral = NO_COLLATERAL, amdRoots, intelRoot }: Trust = {},
): readonly Validator[] {
  const entries = locateReferenceValues(manifest.referenceValues)
  const snp = entries.flatMap(({ path, values }) => (values.kind === "snp" ? [{ path, values }] : []))
  const tdx = entries.flatMap(({ path, values }) => (values.kind === "tdx" ? [{ path, values }] : []))
  return [
    ...(snp.length > 0 ? [createSnpValidator(snp, { collateral, ...(amdRoots && { roots: amdRoots }) })] : []),
    ...(tdx.length > 0 ? [createTdxValidator(tdx, { collateral, ...(intelRoot && { root: intelRoot }) })] : []),
    ...(entries.some(({ values }) => values.kind === "insecure") ? [createInsecureValidator()] : []),
  ]
}

/**
 * Judges evidence by the validators of its format; the first that accepts decides.
 *
 * @throws {@link AttestationError} `EVIDENCE_FORM`, `EVIDENCE_TYPE`, or what the last validator refused it for.
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
  throw refusal ?? new AttestationError("EVIDENCE_TYPE", describeType(validators, evidence))
}

/**
 * The manifest's entry for what attested.
 *
 * @throws {@link AttestationError} `HOST_DATA` if the manifest does not name its policy.
 */
export function requirePolicy(manifest: Manifest, { policyHash }: Attested): PolicyEntry {
  const entry = manifest.policies.get(policyHash)
  if (entry === undefined) {
    throw new AttestationError("HOST_DATA", `policy hash ${policyHash} not found in manifest`)
  }
  return entry
}

/**
 * Checks that what attested is a Coordinator by the manifest.
 *
 * @throws {@link AttestationError} `HOST_DATA`.
 */
export function requireCoordinator(manifest: Manifest, attested: Attested): void {
  const { role } = requirePolicy(manifest, attested)
  if (role === "coordinator") return
  const { policyHash } = attested
  throw new AttestationError("HOST_DATA", `policy ${policyHash} attested, which the manifest gives no role coordinator`)
}

function describeType(validators: readonly Validator[], { oid }: Evidence): string {
  const nameOf = (wanted: string): string =>
    Object.entries(EVIDENCE_OIDS).find(([, known]) => known === wanted)?.[0] ?? `unknown (${wanted.slice(0, 64)})`
  const accepted = validators.map((validator) => nameOf(validator.oid)).join(", ") || "none"
  return `evidence is of type ${nameOf(oid)}, the manifest has reference values for: ${accepted}`
}
