import { type KeyObject } from "node:crypto"
import { equalBytes } from "../bytes.ts"
import { CryptoError } from "../error.ts"
import { describeKey } from "../key-type.ts"
import { type DerElement, Tag, constructed, encodeDer, objectIdentifier, primitive } from "./der.ts"

/** A signature algorithm of X.509 certificates. */
export interface SignatureAlgorithm {
  readonly keyType: "ec" | "rsa"
  readonly hash: "sha256" | "sha384" | "sha512"
  /** DER of the AlgorithmIdentifier. */
  readonly identifier: Uint8Array
}

const NULL = primitive(Tag.null)

/** ECDSA without parameters (RFC 5758 §3.2), RSA PKCS#1 v1.5 with NULL (RFC 4055 §5). */
const ALGORITHMS: readonly SignatureAlgorithm[] = [
  { keyType: "ec", hash: "sha256", identifier: identifierOf("1.2.840.10045.4.3.2") },
  { keyType: "ec", hash: "sha384", identifier: identifierOf("1.2.840.10045.4.3.3") },
  { keyType: "ec", hash: "sha512", identifier: identifierOf("1.2.840.10045.4.3.4") },
  { keyType: "rsa", hash: "sha256", identifier: identifierOf("1.2.840.113549.1.1.11", NULL) },
  { keyType: "rsa", hash: "sha384", identifier: identifierOf("1.2.840.113549.1.1.12", NULL) },
  { keyType: "rsa", hash: "sha512", identifier: identifierOf("1.2.840.113549.1.1.13", NULL) },
]

/** The hash that is as strong as the curve. */
const HASH_OF_CURVE: Readonly<Record<string, SignatureAlgorithm["hash"]>> = {
  prime256v1: "sha256",
  secp384r1: "sha384",
  secp521r1: "sha512",
}

/**
 * The algorithm with which we sign by a key: the curve's own hash, SHA-256 for RSA.
 *
 * @throws {@link CryptoError} `KEY_TYPE` for keys that are neither RSA nor on P-256, P-384 or P-521.
 */
export function signingAlgorithm(key: KeyObject): SignatureAlgorithm {
  const hash = key.asymmetricKeyType === "rsa" ? "sha256" : HASH_OF_CURVE[key.asymmetricKeyDetails?.namedCurve ?? ""]
  const algorithm = ALGORITHMS.find((known) => known.keyType === key.asymmetricKeyType && known.hash === hash)
  if (algorithm === undefined) {
    throw new CryptoError("KEY_TYPE", `expected an RSA key or one on P-256, P-384 or P-521, got ${describeKey(key)}`)
  }
  return algorithm
}

/** The algorithm of an AlgorithmIdentifier in DER; `undefined` when it is not one of ours. */
export function findAlgorithm(identifier: Uint8Array): SignatureAlgorithm | undefined {
  return ALGORITHMS.find((known) => equalBytes(known.identifier, identifier))
}

function identifierOf(oid: string, ...parameters: readonly DerElement[]): Uint8Array {
  return encodeDer(constructed(Tag.sequence, objectIdentifier(oid), ...parameters))
}
