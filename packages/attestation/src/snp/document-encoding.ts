import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire"
import { CPUID_FIELD, CRL_KEY, REPORT_FIELDS, type Field } from "./document-fields.ts"
import type { SnpDocument } from "./document.ts"
import type { ProductLine } from "./product-line.ts"
import { parseReport, productLineOf, type SnpReport } from "./report.ts"

/** Values of `sevsnp.SevProduct.SevProductName`. */
const PRODUCT_NAMES: Readonly<Record<ProductLine, number>> = { Milan: 1, Genoa: 2, Turin: 3 }

/** What goes into a document; certificates and revocation list in DER. */
export type SnpDocumentParts = Pick<SnpDocument, "report"> & Partial<SnpDocument>

/**
 * Writes an evidence document (protobuf `sevsnp.Attestation`), the counterpart of `parseSnpDocument`.
 *
 * The document has no place for reserved bytes: those of an honest report are zero.
 */
export function encodeSnpDocument(parts: SnpDocumentParts): Uint8Array {
  const report = parseReport(parts.report)
  const writer = new BinaryWriter()
  writeBytes(writer, 1, encodeReport(report))
  writeBytes(writer, 2, encodeChain(parts))
  const line = productLineOf(report)
  if (line !== undefined) writeBytes(writer, 3, encodeProduct(line, report.cpuid.stepping))
  return writer.finish()
}

function encodeReport(report: SnpReport): Uint8Array {
  const writer = new BinaryWriter()
  for (const [number, field] of Object.entries(REPORT_FIELDS)) writeField(writer, Number(number), field, report.raw)
  if (report.version >= 3) writer.tag(CPUID_FIELD, WireType.Varint).uint32(joinCpuid(report.cpuid))
  return writer.finish()
}

function writeField(writer: BinaryWriter, number: number, { kind, offset, size }: Field, raw: Uint8Array): void {
  const value = raw.subarray(offset, offset + size)
  if (kind === "bytes") writeBytes(writer, number, value)
  else writer.tag(number, WireType.Varint).uint64(littleEndian(value))
}

function encodeChain({ vcek, ask, ark, vlek, crl }: SnpDocumentParts): Uint8Array {
  const writer = new BinaryWriter()
  for (const [number, der] of [
    [1, vcek],
    [2, ask],
    [3, ark],
    [6, vlek],
  ] as const) {
    if (der !== undefined) writeBytes(writer, number, der)
  }
  if (crl !== undefined) writeBytes(writer, 7, encodeExtra(CRL_KEY, crl))
  return writer.finish()
}

/** One entry of the map of extras. */
function encodeExtra(key: string, value: Uint8Array): Uint8Array {
  return new BinaryWriter()
    .tag(1, WireType.LengthDelimited)
    .string(key)
    .tag(2, WireType.LengthDelimited)
    .bytes(value)
    .finish()
}

function encodeProduct(line: ProductLine, stepping: number): Uint8Array {
  const writer = new BinaryWriter().tag(1, WireType.Varint).int32(PRODUCT_NAMES[line])
  writeBytes(writer, 3, new BinaryWriter().tag(1, WireType.Varint).uint32(stepping).finish())
  return writer.finish()
}

function writeBytes(writer: BinaryWriter, number: number, value: Uint8Array): void {
  writer.tag(number, WireType.LengthDelimited).bytes(value)
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)
}

/** Family, model and stepping as CPUID leaf 1 has them in EAX: families from 15 on continue in the extended field. */
function joinCpuid({ family, model, stepping }: SnpReport["cpuid"]): number {
  const base = Math.min(family, 0xf)
  return ((family - base) << 20) | ((model >>> 4) << 16) | (base << 8) | ((model & 0xf) << 4) | (stepping & 0xf)
}
