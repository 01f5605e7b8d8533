import { equalBytes, type Certificate } from "@contrast/crypto"
import { verifyAmdSignature } from "./amd-signature.ts"
import type { SnpCode } from "./codes.ts"
import { isValidAt, type AuthenticityInputs, type SnpEndorsements } from "./endorsed.ts"
import type { ProductLine } from "./product-line.ts"
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
  const foreign = endorsements.authorities.filter(
    ({ der }) =>
      ours === undefined || ![ours.ark, ours.issuers.VCEK, ours.issuers.VLEK].some((own) => equalBytes(own.der, der)),
  )
  const known = list.check("SNP_CA", {
    subject: "authorities",
    passed:
      ours !== undefined && foreign.length === 0 && isValidAt(ours.ark, now) && isValidAt(ours.issuers[kind], now),
    expected: `AMD's authorities for ${line ?? "the product line"}`,
    actual:
      ours === undefined ? "none known" : foreign.length > 0 ? `${foreign.length} other in the evidence` : "known",
  })
  if (!known || ours === undefined) {
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
