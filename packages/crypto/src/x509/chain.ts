import { equalBytes } from "../bytes.ts"
import { CryptoError } from "../error.ts"
import { type Certificate } from "./certificate.ts"
import { verifyStep } from "./verification.ts"

/** Each certificate on a path costs a signature check, and the peer chooses how many it sends. */
const MAX_INTERMEDIATES = 4

/** What {@link verifyChain} looks at. */
export interface ChainInputs {
  readonly leaf: Certificate
  /** Candidates for the way up, in any order, at most 4. Untrusted. */
  readonly intermediates: readonly Certificate[]
  /** Trusted authorities. */
  readonly roots: readonly Certificate[]
  readonly now: Date
}

/**
 * Verifies that a path leads from the leaf to one of the roots, each step as in {@link verifyIssuedBy}, path lengths kept
 * (RFC 5280 §6.1; policies and name constraints are unknown critical extensions here, so refused).
 *
 * @throws {@link CryptoError} `CERTIFICATE_ISSUER` when no certificate has the issuer's name or there are too many
 *   intermediates; else the refusal of the first candidate.
 */
export function verifyChain(inputs: ChainInputs): void {
  if (inputs.intermediates.length > MAX_INTERMEDIATES) {
    const message = `expected at most ${MAX_INTERMEDIATES} intermediate certificates, got ${inputs.intermediates.length}`
    throw new CryptoError("CERTIFICATE_ISSUER", message)
  }
  const refusal = findRefusal(inputs, 0)
  if (refusal !== undefined) {
    throw refusal
  }
}

/** Why no path leads from the certificate, with `depth` others below it, to a root; `undefined` when one does. */
function findRefusal({ leaf, intermediates, roots, now }: ChainInputs, depth: number): CryptoError | undefined {
  const refusals: CryptoError[] = []
  for (const issuer of [...roots, ...intermediates].filter(({ subject }) => equalBytes(subject, leaf.issuer))) {
    const others = intermediates.filter((other) => other !== issuer)
    const refusal =
      refusalOf(() => {
        verifyStep({ certificate: leaf, issuer, now, depth })
      }) ??
      (roots.includes(issuer) ? undefined : findRefusal({ leaf: issuer, intermediates: others, roots, now }, depth + 1))
    if (refusal === undefined) {
      return undefined
    }
    refusals.push(refusal)
  }
  return refusals[0] ?? new CryptoError("CERTIFICATE_ISSUER", "no certificate of the issuer is at hand")
}

function refusalOf(check: () => void): CryptoError | undefined {
  try {
    check()
    return undefined
  } catch (error) {
    if (error instanceof CryptoError) {
      return error
    }
    throw error
  }
}
