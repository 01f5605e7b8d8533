import { expect, test } from "@jest/globals"
import { QuoteReader } from "../../src/tdx/quote-reader.ts"

const read = (...bytes: readonly number[]): QuoteReader => new QuoteReader(Uint8Array.from(bytes), "TDX_QUOTE_SIZE")

test("reads numbers of 16 and 32 bits with the low byte first", () => {
  const reader = read(0x01, 0x80, 0x01, 0x02, 0x03, 0x80)

  expect([reader.u16(), reader.u32(), reader.offset]).toEqual([0x8001, 0x8003_0201, 6])
})

test("reads parts, each to its own end, and the rest", () => {
  const reader = read(1, 2, 3, 4)

  const part = reader.part(2, "TDX_AUTH_SIZE")

  expect([...part.take(1)]).toEqual([1])
  expect([...part.rest()]).toEqual([2])
  expect([...part.rest()]).toEqual([])
  expect([...reader.rest()]).toEqual([3, 4])
  expect(() => {
    reader.end()
  }).not.toThrow()
})

test("never reads past the end, and says by its code whose end it is", () => {
  const code = (act: () => unknown): unknown => {
    try {
      return act()
    } catch (error) {
      return (error as { code?: unknown }).code
    }
  }
  const reader = read(1, 2, 3)
  const part = reader.part(2, "TDX_AUTH_SIZE")

  expect(code(() => part.take(3))).toBe("TDX_AUTH_SIZE")
  expect(code(() => reader.u16())).toBe("TDX_QUOTE_SIZE")
  expect(code(() => reader.part(2, "TDX_CERT_DATA_FORM"))).toBe("TDX_CERT_DATA_FORM")
  expect(code(() => { reader.end() })).toBe("TDX_QUOTE_SIZE") // prettier-ignore
  expect(code(() => reader.part(1, "TDX_AUTH_SIZE").u16())).toBe("TDX_AUTH_SIZE")
})
