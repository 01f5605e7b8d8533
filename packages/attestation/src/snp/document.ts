import { BinaryReader } from "@bufbuild/protobuf/wire"
import { decodeUtf8 } from "@contrast/crypto"
import { CPUID_FIELD, CPUID_OFFSET, CRL_KEY, REPORT_FIELDS } from "./document-fields.ts"
import { REPORT_BYTES } from "./report.ts"

/** An evidence document (protobuf `sevsnp.Attestation`), put back into the report's own bytes. */
export interface SnpDocument {
  readonly report: Uint8Array
  /** Certificates in DER; absent if the document has none. */
  readonly vcek: Uint8Array | undefined
  readonly vlek: Uint8Array | undefined
  readonly ask: Uint8Array | undefined
  readonly ark: Uint8Array | undefined
  readonly crl: Uint8Array | undefined
}

/** The report has one byte for it; CPUID can say 270. */
const MAX_FAMILY = 255

/** Collects the fields of one message; a field that comes twice counts once more, as protobuf has it: the last wins. */
type FieldReader = (field: number, reader: BinaryReader) => boolean

/**
 * Reads an evidence document.
 *
 * @throws any error on bytes that are no such document; the caller names the refusal.
 */
export function parseSnpDocument(document: Uint8Array): SnpDocument {
  const report = new Uint8Array(REPORT_BYTES)
  const certificates = new Map<number, Uint8Array>()
  let crl: Uint8Array | undefined
  readMessage(document, (field, reader) => {
    if (field === 1) readMessage(reader.bytes(), reportReader(report))
    else if (field === 2) crl = readChain(reader.bytes(), certificates) ?? crl
    else return false
    return true
  })
  return {
    report,
    vcek: certificates.get(1),
    ask: certificates.get(2),
    ark: certificates.get(3),
    vlek: certificates.get(6),
    crl,
  }
}

function reportReader(report: Uint8Array): FieldReader {
  return (number, reader) => {
    if (number === CPUID_FIELD) {
      report.set(splitCpuid(reader.uint32()), CPUID_OFFSET)
      return true
    }
    const field = REPORT_FIELDS[number]
    if (field === undefined) return false
    report.set(field.kind === "bytes" ? readExact(reader, field.size) : readNumber(reader, field.size), field.offset)
    return true
  }
}

function readExact(reader: BinaryReader, size: number): Uint8Array {
  const value = reader.bytes()
  if (value.length !== size) throw new RangeError(`expected a field of ${size} bytes, got ${value.length}`)
  return value
}

function readNumber(reader: BinaryReader, size: number): Uint8Array {
  const value = BigInt(reader.uint64())
  if (value >= 1n << BigInt(8 * size)) throw new RangeError(`expected a number of ${size} bytes`)
  return Uint8Array.from({ length: size }, (_, index) => Number((value >> BigInt(8 * index)) & 0xffn))
}

/** Combined family, combined model, stepping (CPUID specification, leaf 1). */
function splitCpuid(eax: number): readonly number[] {
  const family = ((eax >>> 8) & 0xf) + ((eax >>> 20) & 0xff)
  if (family > MAX_FAMILY) throw new RangeError(`expected a family up to ${MAX_FAMILY}, got ${family}`)
  const model = (((eax >>> 16) & 0xf) << 4) | ((eax >>> 4) & 0xf)
  return [family, model, eax & 0xf]
}

function readChain(chain: Uint8Array, certificates: Map<number, Uint8Array>): Uint8Array | undefined {
  let crl: Uint8Array | undefined
  readMessage(chain, (field, reader) => {
    if ([1, 2, 3, 6].includes(field)) certificates.set(field, reader.bytes())
    else if (field === 7) crl = readExtra(reader.bytes()) ?? crl
    else return false
    return true
  })
  return crl
}

/** One entry of the map of extras: key 1, value 2. */
function readExtra(entry: Uint8Array): Uint8Array | undefined {
  let [key, value] = ["", new Uint8Array(0)]
  readMessage(entry, (field, reader) => {
    if (field === 1) key = decodeUtf8(reader.bytes())
    else if (field === 2) value = new Uint8Array(reader.bytes())
    else return false
    return true
  })
  return key === CRL_KEY ? value : undefined
}

function readMessage(message: Uint8Array, readField: FieldReader): void {
  const reader = new BinaryReader(message)
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag()
    if (!readField(field, reader)) reader.skip(wireType, field)
  }
}
