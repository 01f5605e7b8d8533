import { constants, sign, type KeyObject } from "node:crypto"
import { bitString, constructed, decodeHex, encodeDer, parseDer, Tag } from "@contrast/crypto"

/** How a certificate or revocation list is signed. The default is how AMD does it. */
export interface AmdSigning {
  /** DER of the AlgorithmIdentifier, both inside and outside of what is signed. */
  readonly algorithm: Uint8Array
  readonly hash: "sha256" | "sha384"
  readonly saltBytes: number
}

/** RSASSA-PSS with SHA-384, MGF1 with SHA-384, a salt of 48 bytes and the trailer field spelt out, as AMD writes it. */
export const AMD_SIGNING: AmdSigning = {
  algorithm: decodeHex(
    "304606092a864886f70d01010a3039a00f300d06096086480165030402020500" +
      "a11c301a06092a864886f70d010108300d06096086480165030402020500a203020130a303020101",
  ),
  hash: "sha384",
  saltBytes: 48,
}

/** RSASSA-PSS with a salt of 32 bytes: not AMD's. */
export const SHORT_SALT_SIGNING: AmdSigning = {
  ...AMD_SIGNING,
  algorithm: decodeHex(
    "304606092a864886f70d01010a3039a00f300d06096086480165030402020500" +
      "a11c301a06092a864886f70d010108300d06096086480165030402020500a203020120a303020101",
  ),
  saltBytes: 32,
}

/** RSASSA-PSS with SHA-256: not AMD's. */
export const SHORT_HASH_SIGNING: AmdSigning = {
  algorithm: decodeHex(
    "304606092a864886f70d01010a3039a00f300d06096086480165030402010500" +
      "a11c301a06092a864886f70d010108300d06096086480165030402010500a203020130a303020101",
  ),
  hash: "sha256",
  saltBytes: 48,
}

/** Enough for a revocation list that no verifier reads through. */
const MAX_CONTENT_BYTES = 1024 * 1024

/** Content, algorithm and signature as one DER value: a certificate or a revocation list. */
export function signContent(
  content: Uint8Array,
  key: KeyObject,
  { algorithm, hash, saltBytes }: AmdSigning = AMD_SIGNING,
): Uint8Array {
  const padding = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: saltBytes }
  const signature = bitString(sign(hash, content, padding))
  return encodeDer(constructed(Tag.sequence, parseDer(content, MAX_CONTENT_BYTES), parseDer(algorithm), signature))
}
