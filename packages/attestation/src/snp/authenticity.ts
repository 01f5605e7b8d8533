import type { Certificate } from "@contrast/crypto"
import type { Checklist } from "../checklist.ts"
import { checkChain } from "./chain-checks.ts"
import { AUTHENTICITY_CODES, type SnpCode } from "./codes.ts"
import { describeAbsence, type AuthenticityInputs, type SnpEndorsements } from "./endorsed.ts"
import { checkLeafClaims, checkLeafForm } from "./leaf-checks.ts"
import type { ProductLine } from "./product-line.ts"
import { productLineOf, type SigningKey, type SnpReport } from "./report.ts"
import type { AmdRoots } from "./roots.ts"
import { readSignature, verifyReportSignature } from "./signature.ts"
import { parseVekExtensions } from "./vek.ts"

/**
 * Checks that AMD vouches for the report: leaf, authorities, revocation, signature.
 *
 * @returns the product line, if it is known.
 */
export function checkAuthenticity(
  list: Checklist<SnpCode>,
  report: SnpReport,
  kind: SigningKey,
  endorsements: SnpEndorsements,
  { roots, now }: { readonly roots: AmdRoots; readonly now: Date },
): ProductLine | undefined {
  const { leaf } = endorsements
  if (
    !list.check("SNP_VEK_MISSING", {
      subject: "leaf",
      passed: leaf !== undefined,
      expected: kind,
      actual: leaf ? "present" : describeAbsence(endorsements),
    }) ||
    leaf === undefined
  ) {
    list.skip(AUTHENTICITY_CODES.slice(1), "SNP_VEK_MISSING")
    return productLineOf(report)
  }
  const inputs: AuthenticityInputs = { list, report, kind, now }
  const extensions = parseVekExtensions(leaf)
  const line = productLineOf(report) ?? extensions?.line
  checkLeafForm(inputs, leaf, extensions)
  checkChain(inputs, leaf, endorsements, line && roots[line], line)
  checkLeafClaims(inputs, leaf, extensions, line)
  checkReportSignature(inputs, leaf)
  return line
}

function checkReportSignature({ list, report }: AuthenticityInputs, leaf: Certificate): void {
  const signature = readSignature(report)
  list.equal("SNP_SIGNATURE_RANGE", "report.signature", signature ? "in range" : "out of range", "in range")
  if (signature === undefined) {
    list.skip(["SNP_SIGNATURE"], "SNP_SIGNATURE_RANGE")
    return
  }
  const isEc = leaf.publicKey.asymmetricKeyDetails?.namedCurve === "secp384r1"
  const good = isEc && verifyReportSignature(report, signature, leaf.publicKey)
  list.equal("SNP_SIGNATURE", "report.signature", good ? "good" : "bad", "good")
}
