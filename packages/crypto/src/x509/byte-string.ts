/** The bytes as forge takes them: one latin1 character a byte. */
export function toByteString(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1")
}

/** The bytes of one of forge's byte strings. */
export function fromByteString(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "latin1"))
}
