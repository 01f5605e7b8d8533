import { type KeyObject, createPrivateKey, createPublicKey, generateKeyPair, generateKeyPairSync } from "node:crypto"
import { promisify } from "node:util"
import { equalBytes } from "./bytes.ts"
import { CryptoError } from "./error.ts"
import { describeKey } from "./key-type.ts"
import { parsePem } from "./pem.ts"

const SEEDSHARE_OWNER_KEY_BITS = 4096
const MIN_RSA_BITS = 2048
/** OpenSSL computes with no larger modulus. */
const MAX_RSA_BITS = 16384
const OWNER_CURVES = ["prime256v1", "secp384r1", "secp521r1"]

/** Makes a workload owner key: a P-384 private key. */
export function generateWorkloadOwnerKey(): KeyObject {
  return generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey
}

/** Makes a seed share owner key: an RSA private key of 4096 bits. Takes about a second. */
export async function generateSeedshareOwnerKey(): Promise<KeyObject> {
  const pair = await promisify(generateKeyPair)("rsa", { modulusLength: SEEDSHARE_OWNER_KEY_BITS })
  return pair.privateKey
}

/** SEC1 PEM (`EC PRIVATE KEY`) of an EC private key. Secret. */
export function encodeWorkloadOwnerKey(key: KeyObject): string {
  checkWorkloadOwnerKey(key)
  return key.export({ type: "sec1", format: "pem" }).toString()
}

/** PKCS#1 PEM (`RSA PRIVATE KEY`) of an RSA private key. Secret. */
export function encodeSeedshareOwnerKey(key: KeyObject): string {
  checkSeedshareOwnerKey(key)
  return key.export({ type: "pkcs1", format: "pem" }).toString()
}

/**
 * Reads a workload owner's private key from PEM (SEC1 or PKCS#8, no passphrase).
 *
 * @returns An EC private key on P-384, or on P-256 or P-521, which older deployments may use.
 * @throws {@link CryptoError} `KEY_ENCODING` or `KEY_TYPE`; the message says what came.
 */
export function parseWorkloadOwnerKey(pem: string): KeyObject {
  return checkWorkloadOwnerKey(parsePrivatePem(pem))
}

/**
 * Reads a seed share owner's private key from PEM (PKCS#1 or PKCS#8, no passphrase).
 *
 * @returns An RSA private key of 2048 to 16384 bits.
 * @throws {@link CryptoError} `KEY_ENCODING`, `KEY_TYPE` or `KEY_SIZE`; the message says what came.
 */
export function parseSeedshareOwnerKey(pem: string): KeyObject {
  return checkSeedshareOwnerKey(parsePrivatePem(pem))
}

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

function parsePrivatePem(pem: string): KeyObject {
  try {
    return createPrivateKey(pem)
  } catch (cause) {
    throw new CryptoError("KEY_ENCODING", `expected a PEM private key without passphrase, got ${describePem(pem)}`, {
      cause,
    })
  }
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

function checkWorkloadOwnerKey(key: KeyObject): KeyObject {
  if (!OWNER_CURVES.includes(key.asymmetricKeyDetails?.namedCurve ?? "")) {
    throw new CryptoError("KEY_TYPE", `expected an EC key on P-256, P-384 or P-521, got ${describeKey(key)}`)
  }
  return key
}

function checkSeedshareOwnerKey(key: KeyObject): KeyObject {
  if (key.asymmetricKeyType !== "rsa") {
    throw new CryptoError("KEY_TYPE", `expected an RSA key, got ${describeKey(key)}`)
  }
  const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {}
  if (modulusLength < MIN_RSA_BITS || modulusLength > MAX_RSA_BITS) {
    throw new CryptoError(
      "KEY_SIZE",
      `expected an RSA key of ${MIN_RSA_BITS} to ${MAX_RSA_BITS} bits, got ${modulusLength}`,
    )
  }
  // With the exponent 1 a share would be the seed in the clear.
  if (publicExponent < 3n || publicExponent % 2n === 0n) {
    throw new CryptoError(
      "KEY_ENCODING",
      `expected an odd RSA exponent of at least 3, got ${publicExponent.toString()}`,
    )
  }
  return key
}

function describePem(pem: string): string {
  const label = /-----BEGIN ([A-Z0-9 ]{1,40})-----/.exec(pem)?.[1]
  return label === undefined ? "no PEM block" : `a "${label}" block`
}
