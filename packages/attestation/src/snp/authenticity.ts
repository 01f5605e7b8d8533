import type { Certificate } from "@contrast/crypto"
import type { Checklist } from "../checklist.ts"
import { checkChain } from "./chain-checks.ts"
import { AUTHENTICITY_CODES, type SnpCode } from "./codes.ts"
import { describeAbsence, type AuthenticityInputs, type SnpEndorsements } from "./endorsed.ts"
import { checkLeafClaims, checkLeafForm } from "./leaf-checks.ts"
import type { SnpReport } from "./report.ts"
import type { AmdRoots } from "./roots.ts"
import { hasP384Key, readSignature, verifyReportSignature } from "./signature.ts"
import { lineOf, parseVekExtensions } from "./vek.ts"

/** Checks that AMD vouches for the report: leaf, authorities, revocation, signature. */
export function checkAuthenticity(
  list: Checklist<SnpCode>,
  report: SnpReport,
  endorsements: SnpEndorsements,
  { roots, now }: { readonly roots: AmdRoots; readonly now: Date },
): void {
  const kind = report.signingKey
  if (kind === undefined) {
    list.skip(AUTHENTICITY_CODES, "SNP_SIGNING_KEY")
    return
  }
  const { leaf } = endorsements
  const [missing, ...rest] = AUTHENTICITY_CODES
  const isThere = list.check(missing, {
    subject: "leaf",
    passed: leaf !== undefined,
    expected: kind,
    actual: leaf ? "present" : describeAbsence(endorsements),
  })
  if (!isThere || leaf === undefined) {
    list.skip(rest, missing)
    return
  }
  const inputs: AuthenticityInputs = { list, report, kind, now }
  const extensions = parseVekExtensions(leaf)
  const line = lineOf(report, extensions)
  checkLeafForm(inputs, leaf, extensions)
  checkChain(inputs, leaf, endorsements, line && roots[line], line)
  checkLeafClaims(inputs, leaf, extensions, line)
  checkReportSignature(inputs, leaf)
}

function checkReportSignature({ list, report }: AuthenticityInputs, leaf: Certificate): void {
  const signature = readSignature(report)
  list.equal("SNP_SIGNATURE_RANGE", "report.signature", signature ? "in range" : "out of range", "in range")
  if (signature === undefined) {
    list.skip(["SNP_SIGNATURE"], "SNP_SIGNATURE_RANGE")
    return
  }
  const good = hasP384Key(leaf) && verifyReportSignature(report, signature, leaf.publicKey)
  list.equal("SNP_SIGNATURE", "report.signature", good ? "good" : "bad", "good")
}
