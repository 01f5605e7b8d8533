import { encodeHex } from "@contrast/crypto"
import { expect, test } from "@jest/globals"
import { encodeClaims, type ClaimValue } from "../src/claims.ts"

test.each<[string, ClaimValue, string]>([
  ["zero", 0, "020100"],
  ["a byte", 127, "02017f"],
  ["a byte with its highest bit set", 128, "02020080"],
  ["an odd number of digits", 0xabc, "02020abc"],
  ["64 bits", 0xffff_ffff_ffff_ffffn, "020900ffffffffffffffff"],
  ["bytes", Uint8Array.of(1, 2), "04020102"],
  ["no bytes", new Uint8Array(0), "0400"],
  ["true", true, "0101ff"],
  ["false", false, "010100"],
])("a claim states %s in DER", (_title, value, hex) => {
  const [claim] = encodeClaims("1.3.9901.2.1", [[7, value]])

  expect(claim).toMatchObject({ oid: "1.3.9901.2.1.7", critical: false })
  expect(claim && encodeHex(claim.value)).toBe(hex)
})

test("a claim without a value is left out", () => {
  expect(encodeClaims("1.3.9901.2.1", [[1, undefined]])).toEqual([])
})
