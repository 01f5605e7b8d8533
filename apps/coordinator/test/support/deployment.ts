import { createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto"
import { encodeHex, encodeOwnerPublicKey, encodeUtf8, generateWorkloadOwnerKey, sha256 } from "@contrast/crypto"

/** A policy document, with the hash by which manifests name it. */
export interface Policy {
  readonly bytes: Uint8Array
  readonly hash: string
}

/** Makes a policy of a text; what is in it does not matter to the Coordinator. */
export function policyOf(text: string): Policy {
  const bytes = encodeUtf8(text)
  return { bytes, hash: encodeHex(sha256(bytes)) }
}

export const COORDINATOR: Policy = policyOf("policy of the coordinator")
export const WEB: Policy = policyOf("policy of the web server")
export const DATABASE: Policy = policyOf("policy of the database")

/** The people around a deployment. Small RSA keys, for speed. */
export const ownerKey: KeyObject = generateWorkloadOwnerKey()
export const otherOwnerKey: KeyObject = generateWorkloadOwnerKey()
export const seedshareKey: KeyObject = rsaKey(2048)
export const otherSeedshareKey: KeyObject = rsaKey(2048)

/** An RSA private key. */
export function rsaKey(modulusLength: number): KeyObject {
  return generateKeyPairSync("rsa", { modulusLength }).privateKey
}

/** An owner's key as a manifest has it. */
export function ownerHex(key: KeyObject): string {
  return encodeHex(encodeOwnerPublicKey(key))
}

/** SubjectPublicKeyInfo of a key, in hex: the wrong form for an RSA owner. */
export function spkiHex(key: KeyObject): string {
  return createPublicKey(key).export({ type: "spki", format: "der" }).toString("hex")
}

/** A manifest as JSON: the good one of these tests, with what the test wants to be different. */
export function manifestJson(differences: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    Policies: {
      [COORDINATOR.hash]: { SANs: ["coordinator", "*"], Role: "coordinator" },
      [WEB.hash]: { SANs: ["web", "10.1.2.3", "spiffe://cluster/web"] },
      [DATABASE.hash]: { SANs: ["db"], WorkloadSecretID: "apps/v1/StatefulSet/default/db" },
    },
    ReferenceValues: { snp: [{ Platform: "Metal-QEMU-Insecure" }] },
    WorkloadOwnerPubKeys: [ownerHex(ownerKey), ownerHex(otherOwnerKey)],
    SeedshareOwnerPubKeys: [ownerHex(seedshareKey), ownerHex(otherSeedshareKey)],
    ...differences,
  }
}

/** The bytes of such a manifest. */
export function manifestOf(differences: Readonly<Record<string, unknown>> = {}): Uint8Array {
  return encodeUtf8(JSON.stringify(manifestJson(differences)))
}
