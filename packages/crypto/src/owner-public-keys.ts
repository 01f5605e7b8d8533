import { type KeyObject, createPublicKey } from "node:crypto"
import { equalBytes } from "./bytes.ts"
import { CryptoError } from "./error.ts"
import { checkSeedshareOwnerKey, checkWorkloadOwnerKey } from "./owner-key-type.ts"
import { describePem, parsePem } from "./pem.ts"

/**
 * Reads a workload owner's public key.
 *
 * @param derOrPem - Bytes: PKIX DER exactly as {@link encodeOwnerPublicKey} writes it. Text: PEM of the public or the private key.
 * @throws {@link CryptoError} `KEY_ENCODING` or `KEY_TYPE`.
 */
export function parseWorkloadOwnerPublicKey(derOrPem: Uint8Array | string): KeyObject {
  const key = typeof derOrPem === "string" ? parsePublicPem(derOrPem) : parsePublicDer(derOrPem, "spki")
  return checkWorkloadOwnerKey(checkCanonical(key, derOrPem))
}

/**
 * Reads a seed share owner's public key.
 *
 * @param derOrPem - Bytes: PKCS#1 DER exactly as {@link encodeOwnerPublicKey} writes it. Text: PEM of the public key
 *   (`RSA PUBLIC KEY`, or `PUBLIC KEY` holding either structure) or of the private key.
 * @throws {@link CryptoError} `KEY_ENCODING`, `KEY_TYPE` or `KEY_SIZE`.
 */
export function parseSeedshareOwnerPublicKey(derOrPem: Uint8Array | string): KeyObject {
  const key = typeof derOrPem === "string" ? parsePublicPem(derOrPem) : parsePublicDer(derOrPem, "pkcs1")
  return checkSeedshareOwnerKey(checkCanonical(key, derOrPem))
}

/**
 * The bytes by which a manifest names an owner: PKIX DER of an EC key (its point uncompressed), PKCS#1 DER of an RSA key.
 *
 * @param key - Public, or private for its public half.
 * @throws {@link CryptoError} `KEY_TYPE` for any other key.
 */
export function encodeOwnerPublicKey(key: KeyObject): Uint8Array {
  const der =
    key.asymmetricKeyType === "rsa"
      ? rebuildPublicKey(key).export({ type: "pkcs1", format: "der" })
      : rebuildPublicKey(checkWorkloadOwnerKey(key)).export({ type: "spki", format: "der" })
  return new Uint8Array(der)
}

/**
 * The public key built anew from its numbers: OpenSSL keeps a compressed point compressed, and Node cannot write an RSA key as
 * PKCS#1 that it has read from PKCS#1.
 */
function rebuildPublicKey(key: KeyObject): KeyObject {
  return createPublicKey({ key: key.export({ format: "jwk" }), format: "jwk" })
}

function parsePublicPem(pem: string): KeyObject {
  // node:crypto would also take the key out of a certificate.
  if (!/-----BEGIN [A-Z ]*(?:PUBLIC|PRIVATE) KEY-----/.test(pem)) {
    throw new CryptoError("KEY_ENCODING", `expected a PEM key, got ${describePem(pem)}`)
  }
  try {
    return createPublicKey(pem)
  } catch {
    return parseMislabelledPem(pem)
  }
}

/** The established implementation takes PKCS#1 bytes in a `PUBLIC KEY` block, so such files exist. */
function parseMislabelledPem(pem: string): KeyObject {
  try {
    const [block] = parsePem(pem, "PUBLIC KEY")
    return parsePublicDer(block, "pkcs1")
  } catch (cause) {
    throw new CryptoError("KEY_ENCODING", `expected a PEM key without passphrase, got ${describePem(pem)}`, { cause })
  }
}

function parsePublicDer(der: Uint8Array, type: "spki" | "pkcs1"): KeyObject {
  try {
    return createPublicKey({ key: Buffer.from(der), format: "der", type })
  } catch (cause) {
    throw new CryptoError("KEY_ENCODING", `expected a public key in ${type === "spki" ? "PKIX" : "PKCS#1"} DER`, {
      cause,
    })
  }
}

/** Owners are compared by their bytes, so another encoding of the same key would never match: refused, not ignored. */
function checkCanonical(key: KeyObject, derOrPem: Uint8Array | string): KeyObject {
  if (typeof derOrPem !== "string" && !equalBytes(encodeOwnerPublicKey(key), derOrPem)) {
    throw new CryptoError("KEY_ENCODING", "expected a public key in its one DER encoding, nothing before or after it")
  }
  return key
}
