import { concatBytes, decodeHex } from "@contrast/crypto"
import { intelPlatform } from "@contrast/test-authority"
import { expect, test } from "@jest/globals"
import { findPublicKey, hasP256Key, isInRange } from "../../src/tdx/intel-signature.ts"

const good = intelPlatform()
const ORDER = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"
const ZERO = "00".repeat(32)
const ONE = "01".padStart(64, "0")

test.each([
  ["P-256", "3059301306072a8648ce3d020106082a8648ce3d030107034200", "04", true],
  ["P-256, compressed", "3039301306072a8648ce3d020106082a8648ce3d030107032200", "02", false],
  ["P-384", "3076301006072a8648ce3d020106052b81040022036200", "04", false],
])("of keys on %s, Intel's certificates have the first", (_title, identifier, form, isIntels) => {
  const subjectPublicKeyInfo = decodeHex(`${identifier}${form}${"00".repeat(96)}`)

  expect(hasP256Key({ ...good.certificate, subjectPublicKeyInfo })).toBe(isIntels)
})

test.each([
  ["the smallest numbers", ONE + ONE, true],
  ["the largest numbers", ORDER.replace(/1$/, "0") + ORDER.replace(/1$/, "0"), true],
  ["R of zero", ZERO + ONE, false],
  ["S of zero", ONE + ZERO, false],
  ["R of the order", ORDER + ONE, false],
  ["S of the order", ONE + ORDER, false],
  ["a byte less", `${ONE}${ONE}`.slice(2), false],
  ["a byte more", `${ONE}${ONE}01`, false],
])("a signature of %s is in range or not", (_what, signature, isGood) => {
  expect(isInRange(decodeHex(signature))).toBe(isGood)
})

test("a point is a key if it lies on P-256", () => {
  const point = good.certificate.subjectPublicKeyInfo.subarray(-64)

  expect(findPublicKey(point)?.equals(good.certificate.publicKey)).toBe(true)
  expect(findPublicKey(concatBytes(point.subarray(0, 63), Uint8Array.of((point[63] ?? 0) ^ 1)))).toBeUndefined()
})
