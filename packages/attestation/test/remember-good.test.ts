import { createPublicKey, type KeyObject } from "node:crypto"
import { expect, test } from "@jest/globals"
import { generateP256Key, signSha256, verifySha256 } from "@contrast/crypto"
import { rememberGood } from "../src/memo.ts"

const SIGNED = new Uint8Array(100).fill(1)

function countingVerify(maxEntries?: number) {
  const calls: Uint8Array[] = []
  const verify = rememberGood((key, signed, signature) => {
    calls.push(signed)
    return verifySha256(key, signed, signature)
  }, maxEntries)
  return { calls, verify }
}

function createKeys(): { privateKey: KeyObject; publicKey: KeyObject } {
  const privateKey = generateP256Key()
  return { privateKey, publicKey: createPublicKey(privateKey) }
}

test("checks a good signature once", () => {
  const { calls, verify } = countingVerify()
  const { privateKey, publicKey } = createKeys()
  const signature = signSha256(privateKey, SIGNED)

  expect([verify(publicKey, SIGNED, signature), verify(publicKey, SIGNED, signature)]).toEqual([true, true])
  expect(calls).toHaveLength(1)
})

test("refuses a good signature for another key, other bytes or another cut between bytes and signature", () => {
  const { verify } = countingVerify()
  const [{ privateKey, publicKey }, other] = [createKeys(), createKeys()]
  const signature = signSha256(privateKey, SIGNED)
  expect(verify(publicKey, SIGNED, signature)).toBe(true)

  expect(verify(other.publicKey, SIGNED, signature)).toBe(false)
  expect(verify(publicKey, SIGNED.with(0, 2), signature)).toBe(false)
  expect(verify(publicKey, SIGNED, signature.with(-1, (signature.at(-1) ?? 0) ^ 1))).toBe(false)
  expect(verify(publicKey, SIGNED.subarray(0, 99), new Uint8Array([1, ...signature]))).toBe(false)
})

test("checks a bad signature every time", () => {
  const { calls, verify } = countingVerify()
  const { publicKey } = createKeys()

  expect([verify(publicKey, SIGNED, SIGNED), verify(publicKey, SIGNED, SIGNED)]).toEqual([false, false])
  expect(calls).toHaveLength(2)
})

test("forgets the oldest signature of a key when there are too many", () => {
  const { calls, verify } = countingVerify(2)
  const { privateKey, publicKey } = createKeys()
  const texts = [1, 2, 3].map((value) => SIGNED.with(0, value))
  const signatures = texts.map((text) => signSha256(privateKey, text))
  const checkAt = (index: number): boolean => verify(publicKey, texts[index] ?? SIGNED, signatures[index] ?? SIGNED)

  expect([0, 1, 2, 2, 1, 0].map(checkAt)).toEqual([true, true, true, true, true, true])
  expect(calls).toEqual([...texts, texts[0]])
})
