import { BinaryReader, WireType } from "@bufbuild/protobuf/wire"
import { concatBytes } from "@contrast/crypto"
import { findLayout, type Field, type Layout } from "./document-layout.ts"

const HEADER_FIELD = 1
const BODY_FIELD = 2
const FIRST_FIELD = 1

/**
 * Reads an evidence document (protobuf `tdx.QuoteV4`, or `tdx.QuoteV5` if its header says so) back into the bytes of
 * the quote.
 *
 * @throws any error on bytes that are no such document, and on fields or declared sizes that do not fit; the caller
 *   names the refusal.
 */
export function parseTdxDocument(document: Uint8Array): Uint8Array {
  const fields = readFields(document)
  const version = Number(numberIn(fields.get(HEADER_FIELD)))
  const layout = findLayout(version, version === 5 ? Number(numberIn(fields.get(BODY_FIELD))) : 0)
  if (layout === undefined) throw new RangeError(`expected a quote of version 4 or 5, got ${version}`)
  return decodeMessage(fields, layout)
}

type Value = bigint | Uint8Array
type Fields = ReadonlyMap<number, readonly Value[]>

/** The values of a message by their field; those that are neither numbers nor bytes are nobody's. */
function readFields(message: Uint8Array): Fields {
  const reader = new BinaryReader(message)
  const fields = new Map<number, Value[]>()
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag()
    const values = fields.get(field) ?? []
    fields.set(field, values)
    if (wireType === WireType.Varint) values.push(BigInt(reader.uint64()))
    else if (wireType === WireType.LengthDelimited) values.push(reader.bytes())
    else reader.skip(wireType, field)
  }
  return fields
}

/** The first field of an inner message, which tells how to read the rest. */
function numberIn(message: readonly Value[] | undefined): bigint {
  const [value = 0n] = readFields(bytesOf(message)).get(FIRST_FIELD) ?? []
  return typeof value === "bigint" ? value : 0n
}

function decodeMessage(fields: Fields, layout: Layout): Uint8Array {
  const parts: Uint8Array[] = []
  for (const field of layout) {
    const part = decodeField(field, fields.get(field.number))
    if (field.sized === true && littleEndian(parts.at(-1)) !== part.length) {
      throw new RangeError(`expected ${littleEndian(parts.at(-1))} bytes as declared, got ${part.length}`)
    }
    parts.push(part)
  }
  return concatBytes(...parts)
}

function decodeField(field: Field, values: readonly Value[] | undefined): Uint8Array {
  switch (field.kind) {
    case "number":
      return encodeNumber(values?.at(-1) ?? 0n, field.size)
    case "bytes":
      return decodeBytes(values ?? [], field.size, field.count ?? 1)
    case "data":
      return bytesOf(values)
    case "message":
      return decodeMessage(readFields(bytesOf(values)), field.fields)
  }
}

/** Of a field that is not repeated the last value counts, as protobuf has it. */
function decodeBytes(values: readonly Value[], size: number, count: number): Uint8Array {
  const items = count === 1 ? values.slice(-1) : values
  if (items.length !== count) throw new RangeError(`expected ${count} values, got ${items.length}`)
  return concatBytes(
    ...items.map((item) => {
      if (typeof item === "bigint" || item.length !== size) throw new RangeError(`expected a field of ${size} bytes`)
      return item
    }),
  )
}

function bytesOf(values: readonly Value[] | undefined): Uint8Array {
  const value = values?.at(-1) ?? new Uint8Array(0)
  if (typeof value === "bigint") throw new RangeError("expected bytes, got a number")
  return value
}

function encodeNumber(value: Value, size: number): Uint8Array {
  if (typeof value !== "bigint" || value >= 1n << BigInt(8 * size)) {
    throw new RangeError(`expected a number of ${size} bytes`)
  }
  return Uint8Array.from({ length: size }, (_, index) => Number((value >> BigInt(8 * index)) & 0xffn))
}

function littleEndian(bytes: Uint8Array | undefined): number {
  return (bytes ?? new Uint8Array(0)).reduceRight((value, byte) => value * 256 + byte, 0)
}
