import { equalBytes, type Certificate } from "@contrast/crypto"
import { describePeriod, isValidAt } from "../validity.ts"
import { verifyAmdSignature } from "./amd-signature.ts"
import type { SnpCode } from "./codes.ts"
import type { AuthenticityInputs, SnpEndorsements } from "./endorsed.ts"
import type { ProductLine } from "./product-line.ts"
import type { SigningKey } from "./report.ts"
import { checkRevocation, CRL_CODES } from "./revocation.ts"
import type { AmdAuthorities } from "./roots.ts"

const CHAIN_CODES: readonly SnpCode[] = ["SNP_VEK_ISSUER", "SNP_VEK_SIGNATURE"]

/** Checks that the leaf comes from the authorities of its line, and that nothing on the way is revoked. */
export function checkChain(
  inputs: AuthenticityInputs,
  leaf: Certificate,
  endorsements: SnpEndorsements,
  ours: AmdAuthorities | undefined,
  line: ProductLine | undefined,
): void {
  const { list, kind, now } = inputs
  const flaw = findFlaw(endorsements, ours, kind, now)
  list.check("SNP_CA", {
    subject: "authorities",
    passed: flaw === undefined,
    expected: `AMD's authorities for ${line ?? "the product line"}`,
    actual: flaw ?? "known",
  })
  if (ours === undefined) {
    list.skip([...CHAIN_CODES, ...CRL_CODES], "SNP_CA")
    return
  }
  const issuer = ours.issuers[kind]
  list.check("SNP_VEK_ISSUER", {
    subject: "leaf.issuer",
    passed: equalBytes(leaf.issuer, issuer.subject),
    expected: issuer.subjectCommonName ?? "",
    actual: equalBytes(leaf.issuer, issuer.subject) ? (issuer.subjectCommonName ?? "") : "another",
  })
  const signed = verifyAmdSignature(issuer.publicKey, leaf.signedBytes, leaf.signature)
  list.equal("SNP_VEK_SIGNATURE", "leaf.signature", signed ? "good" : "bad", "good")
  checkRevocation(inputs, leaf, endorsements, ours)
}

/** Authorities that come with the evidence have to be ours, and ours have to be in their period. */
function findFlaw(
  { authorities }: SnpEndorsements,
  ours: AmdAuthorities | undefined,
  kind: SigningKey,
  now: Date,
): string | undefined {
  if (ours === undefined) return "none known"
  const own = [ours.ark, ours.issuers.VCEK, ours.issuers.VLEK]
  const foreign = authorities.filter((candidate) => !own.some(({ der }) => equalBytes(der, candidate.der)))
  if (foreign.length > 0) return `${foreign.length} other in the evidence`
  const ended = [ours.ark, ours.issuers[kind]].find((authority) => !isValidAt(authority, now))
  return ended && `${ended.subjectCommonName ?? "one"} of ${describePeriod(ended)}`
}
