import { createHash } from "node:crypto"
import { HEADER_BYTES, HEADER_COPY_BYTES } from "../../src/luks.ts"

const UUID = "9045096a-a3ab-4fa4-94c0-02584d38c323"
const MAGIC = ["LUKS", "SKUL"]

/** Metadata as cryptsetup 2.6.1 wrote it for a volume with our parameters. */
export const METADATA =
  '{"keyslots":{"0":{"type":"luks2","key_size":96,"af":{"type":"luks1","stripes":4000,"hash":"sha256"},' +
  '"area":{"type":"raw","offset":"32768","size":"385024","encryption":"aes-xts-plain64","key_size":64},' +
  '"kdf":{"type":"argon2id","time":26,"memory":10240,"cpus":2,"salt":"yCv3CxD2HYUkb5/UXO2q2CvmQJqOGk4juCbC2EkJO88="}}},' +
  '"tokens":{},"segments":{"0":{"type":"crypt","offset":"16777216","size":"dynamic","iv_tweak":"0",' +
  '"encryption":"aes-xts-plain64","sector_size":4096,' +
  '"integrity":{"type":"hmac(sha256)","journal_encryption":"none","journal_integrity":"none"}}},' +
  '"digests":{"0":{"type":"pbkdf2","keyslots":["0"],"segments":["0"],"hash":"sha256","iterations":1845,' +
  '"salt":"WO+oyPGCCn72gDaN4p5btb1dgWKLRXG7A5VfCeksNM0=","digest":"X2J1WZTqHSHZB/JUz2AIzcNnwKUeRxv0LVV/p/t6fYQ="}},' +
  '"config":{"json_size":"12288","keyslots_size":"16744448"}}'

/** The header with this metadata: both copies with valid checksums, and an empty key slot. */
export function luksHeader(metadata: string = METADATA): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES)
  header.set(headerCopy(0, metadata), 0)
  header.set(headerCopy(1, metadata), HEADER_COPY_BYTES)
  return header
}

/** Makes the checksums of a changed header hold again, as an attacker would. */
export function withChecksums(header: Uint8Array): Uint8Array {
  const sealed = Uint8Array.from(header)
  for (const offset of [0, HEADER_COPY_BYTES]) sealCopy(sealed.subarray(offset, offset + HEADER_COPY_BYTES))
  return sealed
}

function headerCopy(index: 0 | 1, metadata: string): Uint8Array {
  const copy = Buffer.alloc(HEADER_COPY_BYTES)
  copy.write(MAGIC[index] ?? "", 0, "latin1")
  copy.set([0xba, 0xbe, 0, 2], 4)
  copy.writeBigUInt64BE(BigInt(HEADER_COPY_BYTES), 8)
  copy.writeBigUInt64BE(3n, 16)
  copy.write("sha256", 72, "latin1")
  copy.fill(0x5a + index, 104, 168)
  copy.write(UUID, 168, "latin1")
  copy.writeBigUInt64BE(BigInt(index * HEADER_COPY_BYTES), 256)
  copy.write(metadata, 4096, "utf8")
  sealCopy(copy)
  return copy
}

function sealCopy(copy: Uint8Array): void {
  copy.fill(0, 448, 512)
  copy.set(createHash("sha256").update(copy).digest(), 448)
}
