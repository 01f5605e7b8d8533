/**
 * Orders texts by code point, as their UTF-8 bytes are ordered. JavaScript's own order is by UTF-16 unit and puts
 * characters outside the basic plane before `U+E000`.
 */
export function compareText(a: string, b: string): number {
  const encoder = new TextEncoder()
  return Buffer.compare(encoder.encode(a), encoder.encode(b))
}
