import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire"
import { signIntelQuote } from "@contrast/test-authority"
import { describe, expect, test } from "@jest/globals"
import { encodeTdxDocument, parseTdxDocument } from "../../src/index.ts"

const quote = signIntelQuote({ version: 4 })
const document = encodeTdxDocument(quote)
const documentV5 = encodeTdxDocument(signIntelQuote({ version: 5 }))

/** A field as it is on the wire. */
type WireField = readonly [field: number, value: number | Uint8Array]

function read(message: Uint8Array): readonly WireField[] {
  const reader = new BinaryReader(message)
  const fields: WireField[] = []
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag()
    fields.push([field, type === WireType.Varint ? Number(reader.uint64()) : reader.bytes()])
  }
  return fields
}

function write(fields: readonly WireField[]): Uint8Array {
  const writer = new BinaryWriter()
  for (const [field, value] of fields) {
    if (typeof value === "number") writer.tag(field, WireType.Varint).uint64(value)
    else writer.tag(field, WireType.LengthDelimited).bytes(value)
  }
  return writer.finish()
}

type Change = (fields: readonly WireField[]) => readonly WireField[]

/** Changes the message at a path of fields. */
function changed(message: Uint8Array, path: readonly number[], change: Change): Uint8Array {
  const [first, ...rest] = path
  if (first === undefined) return write(change(read(message)))
  return write(
    read(message).map(([field, value]) =>
      field === first && typeof value !== "number" ? [field, changed(value, rest, change)] : [field, value],
    ),
  )
}

const set =
  (field: number, value: number | Uint8Array): Change =>
  (fields) =>
    fields.map((old) => (old[0] === field ? [field, value] : old))

const [HEADER, BODY] = [1, 2]
const [HEADER_KEY_TYPE, HEADER_VENDOR, BODY_RTMRS, BODY_REPORT_DATA] = [2, 6, 11, 12]
const register = new Uint8Array(48)

describe("a document of TDX is refused", () => {
  test.each<[string, Uint8Array, readonly number[], Change]>([
    ["with a number for bytes", document, [HEADER], set(HEADER_VENDOR, 1)],
    ["with a byte too few", document, [HEADER], set(HEADER_VENDOR, new Uint8Array(15))],
    ["with a byte too many", document, [HEADER], set(HEADER_VENDOR, new Uint8Array(17))],
    ["with bytes for a number", document, [HEADER], set(HEADER_KEY_TYPE, new Uint8Array(2))],
    ["with a number of too many bytes", document, [HEADER], set(HEADER_KEY_TYPE, 0x1_0000)],
    ["with a number for a message", document, [], set(BODY, 1)],
    ["with a register too few", document, [BODY], (fields) => fields.toSpliced(rtmrIn(fields), 1)],
    ["with a register too many", document, [BODY], (fields) => [...fields, [BODY_RTMRS, register]]],
    ["with a register of another size", document, [BODY], set(BODY_RTMRS, new Uint8Array(49))],
    ["with an unknown type of body", documentV5, [BODY], set(1, 4)],
    ["with another size of its body", documentV5, [BODY], set(2, 584)],
    ["of version 3", document, [HEADER], set(1, 3)],
  ])("%s", (_title, good, path, change) => {
    expect(() => parseTdxDocument(changed(good, path, change))).toThrow(RangeError)
  })
})

describe("a document of TDX is read", () => {
  test("as it is written", () => {
    expect(parseTdxDocument(changed(document, [HEADER], (fields) => fields))).toEqual(quote)
  })

  test("up to the largest number that fits", () => {
    const read = parseTdxDocument(changed(document, [HEADER], set(HEADER_KEY_TYPE, 0xffff)))

    expect([...read.subarray(2, 4)]).toEqual([0xff, 0xff])
  })

  test("by the last value of a field that is not repeated", () => {
    const reportData = new Uint8Array(64).fill(7)
    const twice = changed(document, [BODY], (fields) => [...fields, [BODY_REPORT_DATA, reportData]])

    expect([...parseTdxDocument(twice).subarray(48 + 520, 48 + 584)]).toEqual([...reportData])
  })

  test("without what nobody knows", () => {
    const fixed = new BinaryWriter().tag(99, WireType.Bit32).fixed32(1).tag(98, WireType.Varint).uint64(1).finish()

    expect(parseTdxDocument(Buffer.concat([document, fixed]))).toEqual(quote)
  })
})

function rtmrIn(fields: readonly WireField[]): number {
  return fields.findIndex(([field]) => field === BODY_RTMRS)
}
