import { equalBytes, type Certificate } from "@contrast/crypto"
import { parseRevocationList, serialText, type RevocationList } from "../crl.ts"
import { memoize } from "../memo.ts"
import { isAmdAlgorithm, verifyAmdSignature } from "./amd-signature.ts"
import type { SnpCode } from "./codes.ts"
import { describeAbsence, type AuthenticityInputs, type SnpEndorsements } from "./endorsed.ts"
import type { AmdAuthorities } from "./roots.ts"

/** What is checked of the revocation list. */
export const CRL_CODES: readonly [missing: SnpCode, form: SnpCode, ...rest: SnpCode[]] = [
  "SNP_CRL_MISSING",
  "SNP_CRL_FORM",
  "SNP_CRL_ISSUER",
  "SNP_CRL_SIGNATURE",
  "SNP_CRL_VALIDITY",
  "SNP_CA_REVOKED",
  "SNP_VEK_REVOKED",
]

/** Checks that a current list by the line's ARK revokes neither the leaf nor its issuer. */
export function checkRevocation(
  { list, kind, now }: AuthenticityInputs,
  leaf: Certificate,
  endorsements: SnpEndorsements,
  ours: AmdAuthorities,
): void {
  const { crl: der } = endorsements
  const [missing, form, ...rest] = CRL_CODES
  const actual = der === undefined ? describeAbsence(endorsements) : "present"
  if (!list.equal(missing, "crl", actual, "present") || der === undefined) {
    list.skip([form, ...rest], missing)
    return
  }
  const crl = tryParse(der)
  if (!list.equal(form, "crl", crl === undefined ? "unreadable" : "X.509 CRL", "X.509 CRL") || crl === undefined) {
    list.skip(rest, form)
    return
  }
  const fromArk = equalBytes(crl.issuer, ours.ark.subject)
  list.equal("SNP_CRL_ISSUER", "crl.issuer", fromArk ? "the ARK" : "another", "the ARK")
  const signed =
    isAmdAlgorithm(crl.signatureAlgorithm) && verifyAmdSignature(ours.ark.publicKey, crl.signedBytes, crl.signature)
  list.equal("SNP_CRL_SIGNATURE", "crl.signature", signed ? "good" : "bad", "good")
  list.check("SNP_CRL_VALIDITY", {
    subject: "crl.nextUpdate",
    passed: crl.thisUpdate <= now && now <= crl.nextUpdate,
    expected: now.toISOString(),
    actual: `${crl.thisUpdate.toISOString()} to ${crl.nextUpdate.toISOString()}`,
  })
  list.equal("SNP_CA_REVOKED", "issuer.serialNumber", listed(crl, ours.issuers[kind]), "not listed")
  list.equal("SNP_VEK_REVOKED", "leaf.serialNumber", listed(crl, leaf), "not listed")
}

function listed(crl: RevocationList, { serialNumber }: Certificate): "listed" | "not listed" {
  return crl.revoked.has(serialText(serialNumber)) ? "listed" : "not listed"
}

const readList = memoize(parseRevocationList)

function tryParse(der: Uint8Array): RevocationList | undefined {
  try {
    return readList(der)
  } catch {
    return undefined
  }
}
