import { type KeyObject } from "node:crypto"
import { type Certificate } from "./certificate.ts"
import { subjectOf } from "./distinguished-name.ts"
import { type IssueOptions, serialNumberOf, signOwnCertificate } from "./issuance.ts"
import { hoursAfter } from "./time.ts"

const SUBJECT = subjectOf("Contrast")
const VALID_HOURS = 2

/** Inputs of {@link issueAttestedCertificate}. */
export interface AttestedInputs extends IssueOptions {
  readonly key: KeyObject
  /** The document becomes the value of a non-critical extension with this identifier. */
  readonly evidence?: { readonly oid: string; readonly document: Uint8Array }
}

/**
 * Issues the self-signed certificate of one end of an attested connection: valid for two hours before and after now.
 * Without evidence it is a plain client certificate.
 */
export function issueAttestedCertificate({ key, evidence, now, serial }: AttestedInputs): Certificate {
  const extensions = evidence === undefined ? [] : [{ oid: evidence.oid, critical: false, value: evidence.document }]
  const [notBefore, notAfter] = [hoursAfter(now, -VALID_HOURS), hoursAfter(now, VALID_HOURS)]
  return signOwnCertificate({ ...SUBJECT, extensions, notBefore, notAfter, serialNumber: serialNumberOf(serial) }, key)
}
