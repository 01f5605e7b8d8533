import { type KeyObject, generateKeyPairSync } from "node:crypto"

interface KeyPair {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

const makers = {
  p256: () => generateKeyPairSync("ec", { namedCurve: "P-256" }),
  p384: () => generateKeyPairSync("ec", { namedCurve: "P-384" }),
  p521: () => generateKeyPairSync("ec", { namedCurve: "P-521" }),
  secp256k1: () => generateKeyPairSync("ec", { namedCurve: "secp256k1" }),
  ed25519: () => generateKeyPairSync("ed25519"),
  rsa1024: () => generateKeyPairSync("rsa", { modulusLength: 1024 }),
  rsa2048: () => generateKeyPairSync("rsa", { modulusLength: 2048 }),
  rsa3072: () => generateKeyPairSync("rsa", { modulusLength: 3072 }),
  rsaPss: () => generateKeyPairSync("rsa-pss", { modulusLength: 2048 }),
} satisfies Record<string, () => KeyPair>

/** The name of a key that tests share. */
export type KeyKind = keyof typeof makers

const made = new Map<KeyKind, KeyPair>()

/** One key pair of each kind, made when first asked for: RSA keys take their time. */
export function keyPair(kind: KeyKind): KeyPair {
  const pair = made.get(kind) ?? makers[kind]()
  made.set(kind, pair)
  return pair
}

/** PKCS#8 PEM. */
export function privatePem(kind: KeyKind): string {
  return keyPair(kind).privateKey.export({ type: "pkcs8", format: "pem" }).toString()
}

/** PKIX PEM. */
export function publicPem(kind: KeyKind): string {
  return keyPair(kind).publicKey.export({ type: "spki", format: "pem" }).toString()
}
