import { p384 } from "@noble/curves/nist.js"
import { concatBytes, encodeHex, sha384 } from "@contrast/crypto"

const COORDINATE_BYTES = 48
/** Coordinates of a key take 72 bytes in AMD's form, and the form itself 0x404. */
const AMD_COORDINATE_BYTES = 72
const AMD_KEY_BYTES = 0x404
const AMD_CURVE_P384 = 2

/** The fixed signature of the ID block. It is no secret who signs: whoever changes the block needs another key. */
const SIGNATURE_R = 2n
const SIGNATURE_S = 1n

const ID_BLOCK_VERSION = 1
const GUEST_SVN = 2

/** Digests of launches that were seen; there are as many as reference values and numbers of processors in use. */
const known = new Map<string, Uint8Array>()
const MAX_KNOWN = 256

/**
 * The digest of the ID key that a launch with this measurement and policy must have.
 *
 * The launcher brings an ID block with the fixed signature (2, 1) and the public key under which it verifies; so the
 * key stands for the block, and the report's ID_KEY_DIGEST for the key.
 *
 * @param measurement - Launch digest, 48 bytes.
 * @param policy - Guest policy bits, bit 17 included.
 * @returns 48 bytes.
 */
export function idKeyDigest(measurement: Uint8Array, policy: bigint): Uint8Array {
  const launch = `${encodeHex(measurement)} ${policy.toString(16)}`
  const digest = known.get(launch) ?? computeIdKeyDigest(measurement, policy)
  if (known.size >= MAX_KNOWN) known.clear()
  known.set(launch, digest)
  return digest.slice()
}

function computeIdKeyDigest(measurement: Uint8Array, policy: bigint): Uint8Array {
  const { x, y } = recoverKey(sha384(idBlock(measurement, policy)))
  const key = new Uint8Array(AMD_KEY_BYTES)
  new DataView(key.buffer).setUint32(0, AMD_CURVE_P384, true)
  key.set(littleEndian(x), 4)
  key.set(littleEndian(y), 4 + AMD_COORDINATE_BYTES)
  return sha384(key)
}

/** The ID block that is signed (SEV-SNP Firmware ABI, "ID_BLOCK"), 96 bytes. */
function idBlock(measurement: Uint8Array, policy: bigint): Uint8Array {
  const familyId = new Uint8Array(16)
  familyId[0] = 1
  const imageId = new Uint8Array(16)
  imageId[0] = 2
  const numbers = new Uint8Array(16)
  const view = new DataView(numbers.buffer)
  view.setUint32(0, ID_BLOCK_VERSION, true)
  view.setUint32(4, GUEST_SVN, true)
  view.setBigUint64(8, policy, true)
  return concatBytes(measurement, familyId, imageId, numbers)
}

/** Q = r⁻¹(s·R − z·G) for both points R with x = r; of the two the one with smaller x, then smaller y (SEC 1, 4.1.6). */
function recoverKey(digest: Uint8Array): { readonly x: bigint; readonly y: bigint } {
  const { Point } = p384
  const z = Point.Fn.fromBytes(digest, true)
  const inverse = Point.Fn.inv(SIGNATURE_R)
  const compressed = new Uint8Array(1 + COORDINATE_BYTES)
  compressed[COORDINATE_BYTES] = Number(SIGNATURE_R)
  const candidates = [2, 3].map((sign) => {
    compressed[0] = sign
    const point = Point.fromBytes(compressed)
    return point.multiply(SIGNATURE_S).subtract(Point.BASE.multiply(z)).multiply(inverse).toAffine()
  })
  candidates.sort((a, b) => compare(a.x, b.x) || compare(a.y, b.y))
  const [smallest] = candidates
  if (smallest === undefined) throw new Error("no candidate key")
  return smallest
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function littleEndian(coordinate: bigint): Uint8Array {
  const bytes = new Uint8Array(AMD_COORDINATE_BYTES)
  for (let index = 0, rest = coordinate; rest > 0n; index += 1, rest >>= 8n) bytes[index] = Number(rest & 0xffn)
  return bytes
}
