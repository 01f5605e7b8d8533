import { type KeyObject } from "node:crypto"
import { decodeBase64, encodeBase64 } from "../bytes.ts"
import { CryptoError } from "../error.ts"
import { type Certificate } from "./certificate.ts"
import { parseDer } from "./der-reading.ts"
import { findCommonName, subjectOf } from "./distinguished-name.ts"
import { type IssueOptions, serialNumberOf, signOwnCertificate } from "./issuance.ts"
import { hoursAfter } from "./time.ts"

const NONCE_BYTES = 32
const VALID_HOURS = 2

/**
 * Issues a certificate for the one purpose that its name travels in the list of acceptable authorities of a TLS certificate
 * request: the CommonName is the base64 of the nonce. It is no authority and vouches for nothing.
 */
export function issueAcceptableCa({
  key,
  nonce,
  now,
  serial,
}: IssueOptions & { readonly key: KeyObject; readonly nonce: Uint8Array }): Certificate {
  const subject = subjectOf(encodeBase64(nonce))
  const [notBefore, notAfter] = [hoursAfter(now, -VALID_HOURS), hoursAfter(now, VALID_HOURS)]
  return signOwnCertificate(
    { ...subject, extensions: [], notBefore, notAfter, serialNumber: serialNumberOf(serial) },
    key,
  )
}

/**
 * The nonce in the name of an acceptable authority.
 *
 * @param name - DER of a Name, from the peer.
 * @returns 32 bytes.
 * @throws {@link CryptoError} `ACCEPTABLE_CA` unless the CommonName is the base64 of 32 bytes.
 */
export function readAcceptableCaNonce(name: Uint8Array): Uint8Array {
  const nonce = decodeNonce(name)
  if (nonce.length !== NONCE_BYTES) {
    throw new CryptoError("ACCEPTABLE_CA", `expected a nonce of ${NONCE_BYTES} bytes, got ${nonce.length}`)
  }
  return nonce
}

function decodeNonce(name: Uint8Array): Uint8Array {
  try {
    return decodeBase64(findCommonName(parseDer(name)) ?? "")
  } catch (cause) {
    throw new CryptoError("ACCEPTABLE_CA", "expected a name whose common name is a nonce in base64", { cause })
  }
}
