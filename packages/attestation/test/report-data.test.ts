import { createHash } from "node:crypto"
import { describe, expect, test } from "@jest/globals"
import { EXPORTER_LABEL, handshakeReportData, sessionReportData, type SessionBinding } from "../src/index.ts"

const binding: SessionBinding = {
  role: "server",
  exporter: new Uint8Array(32).fill(1),
  nonce: new Uint8Array(32).fill(2),
  subjectPublicKeyInfo: new Uint8Array(91).fill(3),
}

test("the exporter's label is part of the protocol", () => {
  expect(EXPORTER_LABEL).toBe("EXPERIMENTAL contrast attestation v1")
})

describe("session-bound report data", () => {
  test("is SHA-512 of context, role, exporter, nonce and the key's digest", () => {
    const key = createHash("sha256").update(binding.subjectPublicKeyInfo).digest()
    const expected = createHash("sha512")
      .update("contrast attestation v1\0server\0")
      .update(binding.exporter)
      .update(binding.nonce)
      .update(key)
      .digest()

    expect(Buffer.from(sessionReportData(binding))).toEqual(expected)
  })

  test.each<[string, Partial<SessionBinding>]>([
    ["role", { role: "client" }],
    ["exporter", { exporter: new Uint8Array(32) }],
    ["nonce", { nonce: new Uint8Array(32) }],
    ["key", { subjectPublicKeyInfo: new Uint8Array(91) }],
  ])("depends on the %s", (_name, change) => {
    expect(sessionReportData({ ...binding, ...change })).not.toEqual(sessionReportData(binding))
  })

  test.each<[string, Partial<SessionBinding>]>([
    ["a short exporter", { exporter: new Uint8Array(31) }],
    ["a long exporter", { exporter: new Uint8Array(33) }],
    ["no exporter", { exporter: new Uint8Array(0) }],
    ["a short nonce", { nonce: new Uint8Array(31) }],
    ["a long nonce", { nonce: new Uint8Array(33) }],
  ])("takes no %s", (_name, change) => {
    expect(() => sessionReportData({ ...binding, ...change })).toThrow(RangeError)
  })
})

describe("handshake report data", () => {
  test("is SHA-512 of key and nonce", () => {
    const { subjectPublicKeyInfo, nonce } = binding
    const expected = createHash("sha512").update(subjectPublicKeyInfo).update(nonce).digest()

    expect(Buffer.from(handshakeReportData({ subjectPublicKeyInfo, nonce }))).toEqual(expected)
  })

  test("takes no nonce of another size", () => {
    const nonce = new Uint8Array(16)

    expect(() => handshakeReportData({ subjectPublicKeyInfo: binding.subjectPublicKeyInfo, nonce })).toThrow(RangeError)
  })
})
