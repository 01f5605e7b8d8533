import { generateKeyPairSync, type KeyObject } from "node:crypto"
import { encodeHex, encodeOwnerPublicKey, encodeUtf8, generateWorkloadOwnerKey, sha256 } from "@contrast/crypto"

/** A policy document, with the hash that the host puts into evidence. */
export interface Policy {
  readonly bytes: Uint8Array
  readonly hash: Uint8Array
}

/** The owners of the played deployment. A short RSA key, for speed. */
export const workloadOwner: KeyObject = generateWorkloadOwnerKey()
export const seedshareOwner: KeyObject = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey

export const COORDINATOR: Policy = policyOf("policy of the coordinator")
export const DATABASE: Policy = policyOf("policy of the database")
export const STRANGER: Policy = policyOf("policy of nobody")

/** A manifest with a Coordinator and a database on this platform. */
export function manifestOn(referenceValues: object): Uint8Array {
  const manifest = {
    Policies: {
      [encodeHex(COORDINATOR.hash)]: { SANs: ["coordinator", "*"], Role: "coordinator" },
      [encodeHex(DATABASE.hash)]: { SANs: ["db"], WorkloadSecretID: "apps/v1/StatefulSet/default/db" },
    },
    ReferenceValues: referenceValues,
    WorkloadOwnerPubKeys: [encodeHex(encodeOwnerPublicKey(workloadOwner))],
    SeedshareOwnerPubKeys: [encodeHex(encodeOwnerPublicKey(seedshareOwner))],
  }
  return encodeUtf8(JSON.stringify(manifest))
}

function policyOf(text: string): Policy {
  const bytes = encodeUtf8(text)
  return { bytes, hash: sha256(bytes) }
}
