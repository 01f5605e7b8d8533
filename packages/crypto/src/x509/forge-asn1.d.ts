/**
 * What we use of node-forge's ASN.1 module; byte strings are latin1 text. The module is imported alone (`#forge-asn1` in
 * package.json), because the whole of node-forge is many times as large and slows the start of every program.
 */
export interface Asn1 {
  readonly tagClass: number
  readonly type: number
  readonly constructed: boolean
  readonly value: string | readonly Asn1[]
}

interface ByteBuffer {
  getBytes(): string
}

interface DecodeOptions {
  readonly strict: boolean
  readonly parseAllBytes: boolean
  readonly decodeBitStrings: boolean
  readonly maxDepth: number
}

declare const forge: {
  create(tagClass: number, type: number, constructed: boolean, value: string | readonly Asn1[]): Asn1
  fromDer(bytes: string, options: DecodeOptions): Asn1
  toDer(element: Asn1): ByteBuffer
  oidToDer(oid: string): ByteBuffer
  derToOid(bytes: string): string | undefined
  dateToUtcTime(date: Date): string
  dateToGeneralizedTime(date: Date): string
}
export default forge
