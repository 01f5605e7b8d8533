/**
 * How the fields of an evidence document (protobuf `tdx.QuoteV4`, `tdx.QuoteV5`) stand in the bytes of a quote, in the
 * order of the bytes. `sized`: the number right before says how many bytes it is.
 */
export type Field = { readonly number: number; readonly sized?: true } & (
  | { readonly kind: "number"; readonly size: number }
  | { readonly kind: "bytes"; readonly size: number; readonly count?: number }
  | { readonly kind: "data" }
  | { readonly kind: "message"; readonly fields: Layout }
)

/** The fields of one message. */
export type Layout = readonly Field[]

const number = (field: number, size: number): Field => ({ number: field, kind: "number", size })
const bytes = (field: number, size: number, count = 1): Field => ({ number: field, kind: "bytes", size, count })
const data = (field: number): Field => ({ number: field, kind: "data" })
const message = (field: number, fields: Layout): Field => ({ number: field, kind: "message", fields })
const sized = (field: Field): Field => ({ ...field, sized: true })

/** The header; the document swaps the names of two fields that are zero in quotes of TDX. */
export const HEADER: Layout = [
  ...[number(1, 2), number(2, 2), number(3, 4), bytes(5, 2), bytes(4, 2)],
  ...[bytes(6, 16), bytes(7, 20)],
]

const BODY: Layout = [
  ...[bytes(1, 16), bytes(2, 48), bytes(3, 48), bytes(4, 8), bytes(5, 8), bytes(6, 8), bytes(7, 48)],
  ...[bytes(8, 48), bytes(9, 48), bytes(10, 48), bytes(11, 48, 4), bytes(12, 64)],
]
const BODY_15: Layout = [...BODY, bytes(13, 16), bytes(14, 48)]

const QE_REPORT: Layout = [
  ...[bytes(1, 16), number(2, 4), bytes(3, 28), bytes(4, 16), bytes(5, 32), bytes(6, 32), bytes(7, 32)],
  ...[bytes(8, 96), number(9, 2), number(10, 2), bytes(11, 60), bytes(12, 64)],
]
const QE_CERTIFICATION: Layout = [
  ...[message(1, QE_REPORT), bytes(2, 64), message(3, [number(1, 2), sized(data(2))])],
  message(4, [number(1, 2), number(2, 4), sized(data(3))]),
]
const SIGNED_DATA: Layout = [
  ...[bytes(1, 64), bytes(2, 64)],
  message(3, [number(1, 2), number(2, 4), sized(message(3, QE_CERTIFICATION))]),
]

const quote = (body: Layout): Layout => [
  ...[message(1, HEADER), message(2, body), number(3, 4), sized(message(4, SIGNED_DATA)), data(5)],
]

/** Body type and size, then the body. */
const described = (body: Layout): Layout => [number(1, 2), number(2, 4), sized(message(3, body))]

const QUOTE_V4 = quote(BODY)
const QUOTES_V5: ReadonlyMap<number, Layout> = new Map([
  [2, quote(described(BODY))],
  [3, quote(described(BODY_15))],
])

/** The layout of a quote of version 4, or of version 5 with a body of this type; `undefined` for others. */
export function findLayout(version: number, bodyType: number): Layout | undefined {
  return version === 5 ? QUOTES_V5.get(bodyType) : version === 4 ? QUOTE_V4 : undefined
}
