import type { KeyObject } from "node:crypto"

/** A secret, with every form in which it must not turn up. */
export interface Needle {
  readonly name: string
  readonly forms: readonly Buffer[]
}

/** Enough of a secret to know it again, wherever it was cut. */
const PIECE_BYTES = 24

/** The raw bytes, hex in both cases, and base64 in all three alignments and both alphabets, of a piece of the secret. */
export function needleOf(name: string, secret: Uint8Array): Needle {
  const piece = Buffer.from(secret.subarray(0, PIECE_BYTES))
  if (piece.length < PIECE_BYTES)
    throw new RangeError(`expected a secret of at least ${PIECE_BYTES} bytes, got ${piece.length}`)
  const hex = piece.toString("hex")
  const base64 = [0, 1, 2].flatMap((shift) => [base64At(piece, shift, "base64"), base64At(piece, shift, "base64url")])
  return { name, forms: [piece, ...new Set([hex, hex.toUpperCase(), ...base64])].map((form) => Buffer.from(form)) }
}

/** A private key is its scalar, or, for RSA, one of its primes. */
export function needleOfKey(name: string, key: KeyObject): Needle {
  const { d, p } = key.export({ format: "jwk" })
  const secret = p ?? d
  if (secret === undefined) throw new TypeError(`expected a private key for ${name}`)
  return needleOf(name, Buffer.from(secret, "base64url"))
}

/** What base64 shows of the piece when `shift` unknown bytes stand before it: characters that those bytes touch are left out. */
function base64At(piece: Buffer, shift: number, encoding: "base64" | "base64url"): string {
  const text = Buffer.concat([Buffer.alloc(shift), piece])
    .toString(encoding)
    .replaceAll("=", "")
  const first = Math.ceil((shift * 8) / 6)
  const last = Math.floor(((shift + piece.length) * 8) / 6)
  return text.slice(first, last)
}

/** The names of the secrets that the bytes hold. */
export function findNeedles(needles: readonly Needle[], hay: Buffer): readonly string[] {
  // PEM and other line-wrapped text must not hide a secret behind a line break.
  const unwrapped = Buffer.from(hay.toString("latin1").replaceAll(/\r?\n/g, ""), "latin1")
  const holds = (form: Buffer): boolean => hay.includes(form) || unwrapped.includes(form)
  return needles.filter(({ forms }) => forms.some(holds)).map(({ name }) => name)
}
