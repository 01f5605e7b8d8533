import { generateKeyPairSync } from "node:crypto"
import { encodeHex, encodeOwnerPublicKey, encodeSeedshareOwnerKey, encodeWorkloadOwnerKey } from "@contrast/crypto"

const workload = generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey
const otherWorkload = generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey
/** Smaller than what the program makes, since that takes seconds. */
const seedshare = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey
const otherSeedshare = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey

/** Owner keys, made once for a test file. */
export const KEYS = { workload, otherWorkload, seedshare, otherSeedshare }

/** The same as PEM files. */
export const PEMS = {
  workload: encodeWorkloadOwnerKey(workload),
  otherWorkload: encodeWorkloadOwnerKey(otherWorkload),
  seedshare: encodeSeedshareOwnerKey(seedshare),
  otherSeedshare: encodeSeedshareOwnerKey(otherSeedshare),
}

/** The same as manifests name them. */
export const PUBLIC_KEYS = {
  workload: encodeHex(encodeOwnerPublicKey(workload)),
  otherWorkload: encodeHex(encodeOwnerPublicKey(otherWorkload)),
  seedshare: encodeHex(encodeOwnerPublicKey(seedshare)),
  otherSeedshare: encodeHex(encodeOwnerPublicKey(otherSeedshare)),
}
