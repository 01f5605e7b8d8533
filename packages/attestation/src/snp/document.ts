import { BinaryReader } from "@bufbuild/protobuf/wire"
import { decodeUtf8 } from "@contrast/crypto"
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

/** Key of the revocation list among the chain's extras. */
const CRL_KEY = "00569ee4-e480-4fba-bbf4-45b629901180"

/** How a field of the message goes back into the report. */
interface Field {
  readonly offset: number
  /** Bytes, or the size of a little-endian number. */
  readonly kind: "bytes" | "number"
  readonly size: number
}

const bytes = (offset: number, size: number): Field => ({ offset, kind: "bytes", size })
const number = (offset: number, size: number): Field => ({ offset, kind: "number", size })

/** Fields of `sevsnp.Report` by their number, 1 to 31. What no field carries is reserved and stays zero. */
const REPORT_FIELDS: Readonly<Record<number, Field>> = {
  1: number(0x000, 4),
  2: number(0x004, 4),
  3: number(0x008, 8),
  4: bytes(0x010, 16),
  5: bytes(0x020, 16),
  6: number(0x030, 4),
  7: number(0x034, 4),
  8: number(0x038, 8),
  9: number(0x040, 8),
  10: number(0x048, 4),
  11: bytes(0x050, 64),
  12: bytes(0x090, 48),
  13: bytes(0x0c0, 32),
  14: bytes(0x0e0, 48),
  15: bytes(0x110, 48),
  16: bytes(0x140, 32),
  17: bytes(0x160, 32),
  18: number(0x180, 8),
  19: bytes(0x1a0, 64),
  20: number(0x1e0, 8),
  21: number(0x1e8, 1),
  22: number(0x1e9, 1),
  23: number(0x1ea, 1),
  24: number(0x1ec, 1),
  25: number(0x1ed, 1),
  26: number(0x1ee, 1),
  27: number(0x1f0, 8),
  28: bytes(0x2a0, 512),
  30: number(0x1f8, 8),
  31: number(0x200, 8),
}

/** `cpuid1eax_fms`: family, model and stepping as CPUID leaf 1 has them in EAX. */
const CPUID_FIELD = 29
const CPUID_OFFSET = 0x188

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
