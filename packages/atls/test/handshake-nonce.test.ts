import { describe, expect, test } from "@jest/globals"
import { HandshakeError } from "../src/error.ts"
import { encodeNonceProtocol, findNonce } from "../src/handshake-nonce.ts"

const nonce = Uint8Array.from({ length: 32 }, (_, index) => index + 0xa0)
const protocol = encodeNonceProtocol(nonce)
const base64 = Buffer.from(nonce).toString("base64")

/** The nonce, "none", or the code of the refusal. */
function outcomeOf(protocols: readonly string[], serverName?: string): unknown {
  try {
    return findNonce({ protocols, serverName }) ?? "none"
  } catch (error) {
    if (error instanceof HandshakeError) return error.code
    throw error
  }
}

test("the ALPN name is the prefix and lower-case hex", () => {
  expect(protocol).toBe(`atls:v1:nonce:${Buffer.from(nonce).toString("hex")}`)
  expect(protocol).toHaveLength(78)
})

describe("the nonce is", () => {
  test.each<[string, readonly string[], string | undefined]>([
    ["in the ALPN list", [protocol, "h2"], undefined],
    ["anywhere in it", ["h2", protocol], "host"],
    ["in upper case", [`atls:v1:nonce:${Buffer.from(nonce).toString("hex").toUpperCase()}`], undefined],
    ["the first of two", [protocol, encodeNonceProtocol(new Uint8Array(32))], undefined],
    ["that of ALPN, not of the server name", [protocol], Buffer.alloc(32).toString("base64")],
    ["in the server name", ["h2"], base64],
  ])("%s", (_title, protocols, serverName) => {
    expect(outcomeOf(protocols, serverName)).toEqual(nonce)
  })

  test.each<[string, string | undefined]>([
    ["no server name", undefined],
    ["a host name", "coordinator"],
    ["a host name that is base64 too", "abcd"],
    ["base64 of 31 bytes", Buffer.alloc(31).toString("base64")],
    ["base64 without padding", base64.slice(0, -1)],
    ["an empty name", ""],
  ])("absent with %s", (_title, serverName) => {
    expect(outcomeOf(["h2"], serverName)).toBe("none")
  })

  test.each<[string, string]>([
    ["another version", protocol.replace("v1", "v2")],
    ["no version", "atls"],
    ["no nonce", "atls:v1:nonce:"],
    ["16 bytes", protocol.slice(0, -32)],
    ["33 bytes", `${protocol}00`],
    ["half a byte", protocol.slice(0, -1)],
    ["no hex", `${protocol.slice(0, -1)}g`],
  ])("refused with %s, whatever the server name is", (_title, name) => {
    expect(outcomeOf([name, "h2"], base64)).toBe("NONCE")
    expect(outcomeOf([name, protocol, "h2"])).toBe("NONCE")
  })
})
