/** The binary LUKS2 header (LUKS2 on-disk format §2). All of it is the attacker's until checked. Pure. */
import { decodeUtf8, encodeHex, equalBytes } from "@contrast/crypto/bytes"
import { sha256 } from "@contrast/crypto/digest"
import { InitializerError } from "./error.ts"
import { HEADER_BYTES, HEADER_COPY_BYTES } from "./luks.ts"
import { findMetadataProblem } from "./luks-metadata.ts"
import { isZero } from "./zero.ts"

const BINARY_BYTES = 4096
const PRIMARY_MAGIC = "4c554b53babe" // "LUKS" ba be
const SECONDARY_MAGIC = "534b554cbabe"
const VERSION = 2
const SHA256_NAME = "sha256"
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

interface Field {
  readonly offset: number
  readonly bytes: number
}

const MAGIC: Field = { offset: 0, bytes: 6 }
const VERSION_FIELD: Field = { offset: 6, bytes: 2 }
const SIZE: Field = { offset: 8, bytes: 8 }
const SEQUENCE: Field = { offset: 16, bytes: 8 }
const LABEL: Field = { offset: 24, bytes: 48 }
const CHECKSUM_NAME: Field = { offset: 72, bytes: 32 }
const UUID_FIELD: Field = { offset: 168, bytes: 40 }
const SUBSYSTEM: Field = { offset: 208, bytes: 48 }
const COPY_OFFSET: Field = { offset: 256, bytes: 8 }
const CHECKSUM: Field = { offset: 448, bytes: 64 }

/**
 * Checks every field of a volume's header against the one form that we make.
 *
 * cryptsetup reads both copies and prefers the newer one, so both must hold and say the same; whatever passes here
 * means only one thing to it. Nothing proves that the volume is ours: only its key does.
 *
 * @param header - The first {@link HEADER_BYTES} of the device, in memory that nobody else can change.
 * @throws {@link InitializerError} `VOLUME_HEADER`, naming the field.
 */
export function verifyHeader(header: Uint8Array): void {
  expectEqual("header size", HEADER_BYTES, header.length)
  const primary = header.subarray(0, HEADER_COPY_BYTES)
  const secondary = header.subarray(HEADER_COPY_BYTES, 2 * HEADER_COPY_BYTES)
  verifyCopy("primary header", primary, PRIMARY_MAGIC, 0)
  verifyCopy("secondary header", secondary, SECONDARY_MAGIC, HEADER_COPY_BYTES)
  expectEqual("secondary header: sequence number", hexAt(primary, SEQUENCE), hexAt(secondary, SEQUENCE))
  expectEqual("secondary header: UUID", textAt(primary, UUID_FIELD), textAt(secondary, UUID_FIELD))
  if (!equalBytes(primary.subarray(BINARY_BYTES), secondary.subarray(BINARY_BYTES))) {
    refuse("the secondary header's metadata differs from the primary's")
  }
  verifyMetadata(primary.subarray(BINARY_BYTES))
}

function verifyCopy(name: string, copy: Uint8Array, magic: string, offset: number): void {
  expectEqual(`${name}: magic`, magic, hexAt(copy, MAGIC))
  expectEqual(`${name}: version`, VERSION, numberAt(copy, VERSION_FIELD))
  expectEqual(`${name}: size`, HEADER_COPY_BYTES, numberAt(copy, SIZE))
  expectEqual(`${name}: offset`, offset, numberAt(copy, COPY_OFFSET))
  expectEqual(`${name}: label`, "", textAt(copy, LABEL))
  expectEqual(`${name}: subsystem`, "", textAt(copy, SUBSYSTEM))
  expectEqual(`${name}: checksum algorithm`, SHA256_NAME, textAt(copy, CHECKSUM_NAME))
  if (!UUID.test(textAt(copy, UUID_FIELD))) refuse(`${name}: expected a UUID`)
  verifyUnusedBytes(name, copy)
  verifyChecksum(name, copy)
}

/** Padding up to the checksum, behind it, and to the end of the binary header. */
function verifyUnusedBytes(name: string, copy: Uint8Array): void {
  const padding = copy.subarray(COPY_OFFSET.offset + COPY_OFFSET.bytes, CHECKSUM.offset)
  const rest = copy.subarray(CHECKSUM.offset + CHECKSUM.bytes, BINARY_BYTES)
  if (!isZero(padding) || !isZero(rest)) refuse(`${name}: expected zeros where nothing is defined`)
}

function verifyChecksum(name: string, copy: Uint8Array): void {
  const zeroed = Uint8Array.from(copy).fill(0, CHECKSUM.offset, CHECKSUM.offset + CHECKSUM.bytes)
  const expected = new Uint8Array(CHECKSUM.bytes)
  expected.set(sha256(zeroed))
  if (!equalBytes(expected, bytesAt(copy, CHECKSUM))) refuse(`${name}: the checksum does not hold`)
}

function verifyMetadata(area: Uint8Array): void {
  const text = decodeText("metadata", area)
  const value = parseJson(text)
  // cryptsetup writes compact JSON; one spelling only leaves no room for duplicate members or two readings of one text.
  if (JSON.stringify(value) !== text) refuse("metadata: expected compact JSON without duplicate members")
  const problem = findMetadataProblem(value)
  if (problem !== undefined) refuse(`metadata: ${problem}`)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    return refuse("metadata: expected JSON", cause)
  }
}

function bytesAt(copy: Uint8Array, { offset, bytes }: Field): Uint8Array {
  return copy.subarray(offset, offset + bytes)
}

function hexAt(copy: Uint8Array, field: Field): string {
  return encodeHex(bytesAt(copy, field))
}

/** Big-endian; a number beyond exact integers equals nothing that we expect. */
function numberAt(copy: Uint8Array, field: Field): number {
  return Number(`0x${hexAt(copy, field)}`)
}

function textAt(copy: Uint8Array, field: Field): string {
  return decodeText("header field", bytesAt(copy, field))
}

/** A text that ends at the first zero byte, with nothing but zeros behind it. */
function decodeText(name: string, bytes: Uint8Array): string {
  const end = bytes.indexOf(0)
  const text = end < 0 ? bytes : bytes.subarray(0, end)
  if (!isZero(bytes.subarray(text.length))) refuse(`${name}: expected zeros behind the text`)
  try {
    return decodeUtf8(text)
  } catch (cause) {
    return refuse(`${name}: expected UTF-8`, cause)
  }
}

function expectEqual(name: string, expected: string | number, got: string | number): void {
  if (expected !== got) refuse(`${name}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(got)}`)
}

function refuse(problem: string, cause?: unknown): never {
  throw new InitializerError(
    "VOLUME_HEADER",
    `the volume's header is not one that this program makes: ${problem}; it was changed on its way or belongs to something else, ` +
      "so nothing on the device was touched: restore the device from a backup, or clear its first MiB to have a new, empty volume made",
    { cause },
  )
}
