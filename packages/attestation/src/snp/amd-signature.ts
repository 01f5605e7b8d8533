import { constants, verify } from "node:crypto"
import { equalBytes } from "@contrast/crypto"
import { rememberGood, type VerifySignature } from "../memo.ts"

/**
 * RSASSA-PSS with SHA-384, MGF1 with SHA-384 and a salt of 48 bytes (RFC 4055 §3.1), with and without the default
 * trailer field spelt out: both forms occur. Compared as bytes, so that no weaker hash can be offered.
 */
const IDENTIFIERS: readonly Uint8Array[] = [
  "304606092a864886f70d01010a3039a00f300d06096086480165030402020500" +
    "a11c301a06092a864886f70d010108300d06096086480165030402020500a203020130a303020101",
  "304106092a864886f70d01010a3034a00f300d06096086480165030402020500" +
    "a11c301a06092a864886f70d010108300d06096086480165030402020500a203020130",
].map((hex) => Buffer.from(hex, "hex"))

const SALT_BYTES = 48

/** Whether an AlgorithmIdentifier (DER) is the one that AMD signs certificates and CRLs with. */
export function isAmdAlgorithm(identifier: Uint8Array): boolean {
  return IDENTIFIERS.some((known) => equalBytes(known, identifier))
}

/** Whether AMD's key made this signature over the bytes. */
export const verifyAmdSignature: VerifySignature = rememberGood((key, signed, signature) => {
  const padding = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: SALT_BYTES }
  return verify("sha384", signed, padding, signature)
})
