import { generateKeyPairSync } from "node:crypto"

/** One key of each kind; making RSA keys is slow, so tests share them. */
export const keys = {
  p256: generateKeyPairSync("ec", { namedCurve: "P-256" }),
  p384: generateKeyPairSync("ec", { namedCurve: "P-384" }),
  p521: generateKeyPairSync("ec", { namedCurve: "P-521" }),
  secp256k1: generateKeyPairSync("ec", { namedCurve: "secp256k1" }),
  ed25519: generateKeyPairSync("ed25519"),
  rsa1024: generateKeyPairSync("rsa", { modulusLength: 1024 }),
  rsa2048: generateKeyPairSync("rsa", { modulusLength: 2048 }),
  rsa3072: generateKeyPairSync("rsa", { modulusLength: 3072 }),
  rsaPss: generateKeyPairSync("rsa-pss", { modulusLength: 2048 }),
} as const
