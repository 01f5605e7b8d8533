import { type KeyObject } from "node:crypto"
import { CryptoError } from "./error.ts"
import { describeKey } from "./key-type.ts"

const MIN_RSA_BITS = 2048
/** OpenSSL computes with no larger modulus. */
const MAX_RSA_BITS = 16384
const OWNER_CURVES = ["prime256v1", "secp384r1", "secp521r1"]

/**
 * Gives the key back if it can be a workload owner's.
 *
 * @throws {@link CryptoError} `KEY_TYPE`.
 */
export function checkWorkloadOwnerKey(key: KeyObject): KeyObject {
  if (!OWNER_CURVES.includes(key.asymmetricKeyDetails?.namedCurve ?? "")) {
    throw new CryptoError("KEY_TYPE", `expected an EC key on P-256, P-384 or P-521, got ${describeKey(key)}`)
  }
  return key
}

/**
 * Gives the key back if it can be a seed share owner's.
 *
 * @throws {@link CryptoError} `KEY_TYPE`, `KEY_SIZE`, or `KEY_ENCODING` for an exponent that protects nothing.
 */
export function checkSeedshareOwnerKey(key: KeyObject): KeyObject {
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
