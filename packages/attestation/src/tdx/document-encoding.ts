import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire"
import { findLayout, type Field, type Layout } from "./document-layout.ts"
import { parseTdxQuote } from "./quote.ts"
import { TdxQuoteError } from "./quote-error.ts"
import { QuoteReader } from "./quote-reader.ts"

/**
 * Writes an evidence document (protobuf `tdx.QuoteV4` or `tdx.QuoteV5`), the counterpart of `parseTdxDocument`.
 *
 * @param quote - As the guest's kernel gives it; zero padding at its end is kept.
 * @throws {@link TdxQuoteError} on anything that is no quote of a TD.
 */
export function encodeTdxDocument(quote: Uint8Array): Uint8Array {
  const { header, bodyType } = parseTdxQuote(quote)
  const layout = findLayout(header.version, bodyType)
  if (layout === undefined)
    throw new TdxQuoteError("TDX_QUOTE_VERSION", `a quote of version ${header.version} is of no TD`)
  return encodeMessage(new QuoteReader(quote, "TDX_QUOTE_SIZE"), layout)
}

function encodeMessage(reader: QuoteReader, layout: Layout): Uint8Array {
  const writer = new BinaryWriter()
  let declared = 0
  for (const field of layout) {
    const part = field.sized === true ? reader.part(declared, "TDX_AUTH_SIZE") : reader
    declared = encodeField(writer, part, field) ?? 0
  }
  return writer.finish()
}

/** @returns the value if it is a number. */
function encodeField(writer: BinaryWriter, reader: QuoteReader, field: Field): number | undefined {
  switch (field.kind) {
    case "number": {
      const value = field.size === 2 ? reader.u16() : reader.u32()
      writer.tag(field.number, WireType.Varint).uint32(value)
      return value
    }
    case "bytes":
      for (let index = 0; index < (field.count ?? 1); index += 1) writeBytes(writer, field, reader.take(field.size))
      return undefined
    case "data":
      writeBytes(writer, field, reader.rest())
      return undefined
    case "message":
      writeBytes(writer, field, encodeMessage(reader, field.fields))
      return undefined
  }
}

function writeBytes(writer: BinaryWriter, { number }: Field, value: Uint8Array): void {
  writer.tag(number, WireType.LengthDelimited).bytes(value)
}
