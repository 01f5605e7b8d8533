import { type KeyObject } from "node:crypto"

/** What a key is, for messages: `secp384r1 private`, `rsa public`, `secret`. Never the key itself. */
export function describeKey(key: KeyObject): string {
  const { asymmetricKeyDetails, asymmetricKeyType } = key
  return [asymmetricKeyDetails?.namedCurve ?? asymmetricKeyType, key.type]
    .filter((part) => part !== undefined)
    .join(" ")
}
