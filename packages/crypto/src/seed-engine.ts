import { createSecretKey, type KeyObject } from "node:crypto"
import { concatBytes, encodeUtf8 } from "./bytes.ts"
import { deriveP384Key } from "./ecdsa.ts"
import { CryptoError } from "./error.ts"
import { MAX_HKDF_BYTES, hkdfSha256 } from "./kdf.ts"

/** Size of the seed that a Coordinator makes. */
export const SEED_BYTES: number = 64
/** Size of the smallest seed that is accepted. */
export const MIN_SEED_BYTES: number = 32
/** Size of the salt. */
export const SALT_BYTES: number = 32

const TRANSIT_KEY_BYTES = 32
const MAX_TRANSIT_ID_BYTES = 0xffff
const MAX_TRANSIT_VERSION = 0xffffffff

/** Every secret that follows from one seed and salt: the same inputs always give the same keys. */
export interface SeedEngine {
  /** A copy of the seed. Secret. */
  readonly seed: Uint8Array
  /** A copy of the salt. Public. */
  readonly salt: Uint8Array
  /** P-384 private key of the root CA. */
  readonly rootCaKey: KeyObject
  /** P-384 private key that signs the latest transition. */
  readonly transactionSigningKey: KeyObject

  /**
   * The secret of a workload, as long as the seed.
   *
   * @throws {@link CryptoError} `WORKLOAD_SECRET_ID` when the id is empty or not well-formed text.
   */
  workloadSecret(id: string): Uint8Array

  /**
   * A transit key of a workload: 32 bytes that share no derivation with its secret.
   *
   * @param version - 1 to 2^32-1.
   * @throws {@link CryptoError} `WORKLOAD_SECRET_ID` (also over 65,535 bytes) or `TRANSIT_KEY_VERSION`.
   */
  transitKey(id: string, version: number): Uint8Array
  /** What all transit keys derive from, for those who serve them and need nothing else of the seed. */
  readonly transitRoot: TransitRoot
}

/** The secret and the salt that transit keys derive from. */
export interface TransitRoot {
  readonly secret: KeyObject
  /** Public. */
  readonly salt: Uint8Array
}

/**
 * Derives the keys of a deployment from its seed and salt (HKDF-SHA-256, each output as long as the seed).
 *
 * @param seed - 32 to 8,160 bytes, secret; {@link SEED_BYTES} in production. Copied.
 * @param salt - 32 bytes. Copied.
 * @throws {@link CryptoError} `SALT_SIZE`, then `SEED_SIZE`.
 */
export function createSeedEngine(seed: Uint8Array, salt: Uint8Array): SeedEngine {
  checkSizes(seed, salt)
  // The slice of a Buffer would share its bytes.
  const [ownSeed, ownSalt] = [new Uint8Array(seed), new Uint8Array(salt)]
  const derive = (secret: Uint8Array, info: string): Uint8Array =>
    hkdfSha256({ ikm: secret, salt: ownSalt, info: encodeUtf8(info), length: secret.length })
  const podStateSeed = derive(ownSeed, "POD STATE SECRET")
  const transitRoot = { secret: createSecretKey(derive(ownSeed, "TRANSIT SECRET")), salt: ownSalt }
  return {
    seed: ownSeed,
    salt: ownSalt,
    rootCaKey: deriveP384Key(derive(ownSeed, "ROOT CA SEED")),
    transactionSigningKey: deriveP384Key(derive(ownSeed, "TRANSACTION SIGNING SECRET")),
    workloadSecret(id) {
      checkId(id)
      return derive(podStateSeed, `WORKLOAD SECRET ID: ${id}`)
    },
    transitKey: (id, version) => deriveTransitKey(transitRoot, id, version),
    transitRoot,
  }
}

/** {@link SeedEngine.transitKey} for those who have the root of transit keys only. */
export function deriveTransitKey({ secret, salt }: TransitRoot, id: string, version: number): Uint8Array {
  const info = transitKeyInfo(id, version)
  return hkdfSha256({ ikm: secret.export(), salt, info, length: TRANSIT_KEY_BYTES })
}

/** `"TRANSIT KEY" ‖ u32be(version) ‖ u16be(byte length of id) ‖ id`: no two pairs of id and version give the same bytes. */
function transitKeyInfo(id: string, version: number): Uint8Array {
  checkId(id)
  if (!Number.isInteger(version) || version < 1 || version > MAX_TRANSIT_VERSION) {
    throw new CryptoError(
      "TRANSIT_KEY_VERSION",
      `expected a version between 1 and ${MAX_TRANSIT_VERSION}, got ${version}`,
    )
  }
  const idBytes = encodeUtf8(id)
  if (idBytes.length > MAX_TRANSIT_ID_BYTES) {
    throw new CryptoError(
      "WORKLOAD_SECRET_ID",
      `expected an id of at most ${MAX_TRANSIT_ID_BYTES} bytes, got ${idBytes.length}`,
    )
  }
  const numbers = new DataView(new ArrayBuffer(6))
  numbers.setUint32(0, version)
  numbers.setUint16(4, idBytes.length)
  return concatBytes(encodeUtf8("TRANSIT KEY"), new Uint8Array(numbers.buffer), idBytes)
}

function checkSizes(seed: Uint8Array, salt: Uint8Array): void {
  if (salt.length !== SALT_BYTES) {
    throw new CryptoError("SALT_SIZE", `expected a salt of ${SALT_BYTES} bytes, got ${salt.length}`)
  }
  if (seed.length < MIN_SEED_BYTES || seed.length > MAX_HKDF_BYTES) {
    throw new CryptoError(
      "SEED_SIZE",
      `expected a seed of ${MIN_SEED_BYTES} to ${MAX_HKDF_BYTES} bytes, got ${seed.length}`,
    )
  }
}

function checkId(id: string): void {
  if (id === "" || !id.isWellFormed()) {
    throw new CryptoError("WORKLOAD_SECRET_ID", "expected a workload secret id that is text and not empty")
  }
}
