import { equalBytes, type Certificate } from "@contrast/crypto"
import type { Checklist } from "../checklist.ts"
import type { IntelCollateral } from "../collateral.ts"
import { parseRevocationList, serialText, type RevocationList } from "../crl.ts"
import { memoize } from "../memo.ts"
import { CRL_CODES, type TdxCode } from "./codes.ts"
import { describeAbsence } from "./absence.ts"
import { isIntelAlgorithm, verifyDerSignature } from "./intel-signature.ts"
import type { PckChain } from "./pck-chain.ts"

/** What revocation lists are judged by. */
export interface RevocationContext {
  readonly collateral: IntelCollateral
  readonly root: Certificate
  readonly now: Date
}

/**
 * Checks both of Intel's revocation lists, and that neither the platform's certificate nor its authority is on them.
 *
 * @returns the root's list if it can be read; it also judges who signs TCB info.
 */
export function checkRevocation(
  list: Checklist<TdxCode>,
  { leaf, intermediate }: PckChain,
  { collateral, root, now }: RevocationContext,
): RevocationList | undefined {
  const { problems } = collateral
  const rootCrl = checkList(list, collateral.rootCrl, { subject: "rootCrl", issuer: root, now, problems })
  const pckCrl = checkList(list, collateral.pckCrl, { subject: "pckCrl", issuer: intermediate, now, problems })
  checkListed(list, "PCK_CA_REVOKED", "pckChain.intermediate.serialNumber", { crl: rootCrl, certificate: intermediate })
  checkListed(list, "PCK_REVOKED", "pckChain.leaf.serialNumber", { crl: pckCrl, certificate: leaf })
  return rootCrl
}

/** Whether a list names the certificate. */
export function isListed(crl: RevocationList, { serialNumber }: Certificate): boolean {
  return crl.revoked.has(serialText(serialNumber))
}

interface ListContext {
  readonly subject: string
  readonly issuer: Certificate
  readonly now: Date
  readonly problems: readonly string[]
}

function checkList(
  list: Checklist<TdxCode>,
  der: Uint8Array | undefined,
  { subject, issuer, now, problems }: ListContext,
): RevocationList | undefined {
  const [missing, form, ...rest] = CRL_CODES
  if (!list.equal(missing, subject, der ? "present" : describeAbsence(problems), "present") || der === undefined) {
    list.skip([form, ...rest], missing)
    return undefined
  }
  const crl = tryParse(der)
  if (!list.equal(form, subject, crl ? "X.509 CRL" : "unreadable", "X.509 CRL") || crl === undefined) {
    list.skip(rest, form)
    return undefined
  }
  const expected = issuer.subjectCommonName ?? "no name"
  const isFromIssuer = equalBytes(crl.issuer, issuer.subject)
  list.equal("INTEL_CRL_ISSUER", `${subject}.issuer`, isFromIssuer ? expected : "another", expected)
  const isSigned =
    isIntelAlgorithm(crl.signatureAlgorithm) && verifyDerSignature(issuer.publicKey, crl.signedBytes, crl.signature)
  list.equal("INTEL_CRL_SIGNATURE", `${subject}.signature`, isSigned ? "good" : "bad", "good")
  list.check("INTEL_CRL_VALIDITY", {
    subject: `${subject}.nextUpdate`,
    passed: crl.thisUpdate <= now && now <= crl.nextUpdate,
    expected: now.toISOString(),
    actual: `${crl.thisUpdate.toISOString()} to ${crl.nextUpdate.toISOString()}`,
  })
  return crl
}

const readList = memoize(parseRevocationList)

function tryParse(der: Uint8Array): RevocationList | undefined {
  try {
    return readList(der)
  } catch {
    return undefined
  }
}

function checkListed(
  list: Checklist<TdxCode>,
  code: "PCK_CA_REVOKED" | "PCK_REVOKED",
  subject: string,
  { crl, certificate }: { readonly crl: RevocationList | undefined; readonly certificate: Certificate },
): void {
  if (crl === undefined) list.skip([code], "INTEL_CRL_MISSING", "INTEL_CRL_FORM")
  else list.equal(code, subject, isListed(crl, certificate) ? "listed" : "not listed", "not listed")
}
