import { afterEach, describe, expect, test } from "@jest/globals"
import fc from "fast-check"
import { type ClientHello, MAX_CLIENT_HELLO_BYTES, parseClientHello } from "../src/client-hello.ts"
import { HandshakeError } from "../src/error.ts"
import { captureClientHello } from "./support/raw-tls.ts"
import { closeAll } from "./support/stage.ts"

afterEach(closeAll)

const RUNS = Number(process.env["FUZZ_RUNS"] ?? 500)

/** What parsing comes to: the parts, that more is needed, or the code of the refusal. */
function outcomeOf(bytes: Uint8Array): ClientHello | string {
  try {
    return parseClientHello(bytes) ?? "incomplete"
  } catch (error) {
    if (error instanceof HandshakeError) return error.code
    throw error
  }
}

function vector(lengthBytes: number, ...parts: Uint8Array[]): Buffer {
  const body = Buffer.concat(parts)
  const length = Buffer.alloc(lengthBytes)
  length.writeUIntBE(body.length, 0, lengthBytes)
  return Buffer.concat([length, body])
}

const extension = (type: number, ...parts: Uint8Array[]): Buffer =>
  Buffer.concat([Buffer.from([type >> 8, type & 255]), vector(2, ...parts)])

const serverName = (name: string, type = 0): Buffer =>
  extension(0, vector(2, Buffer.from([type]), vector(2, Buffer.from(name, "latin1"))))

const protocols = (...names: string[]): Buffer =>
  extension(16, vector(2, ...names.map((name) => vector(1, Buffer.from(name, "latin1")))))

const message = (...extensions: Uint8Array[]): Buffer =>
  Buffer.concat([
    Buffer.of(1),
    vector(
      3,
      Buffer.alloc(34),
      vector(1),
      vector(2, Buffer.of(0x13, 1)),
      vector(1, Buffer.of(0)),
      vector(2, ...extensions),
    ),
  ])

const record = (fragment: Uint8Array): Buffer => Buffer.concat([Buffer.of(22, 3, 1), vector(2, fragment)])

const hello = record(message(serverName("host"), protocols("atls:v1:nonce:00", "h2")))
const parsed: ClientHello = { serverName: "host", protocols: ["atls:v1:nonce:00", "h2"] }

describe("a ClientHello", () => {
  test("of Node is read", async () => {
    const bytes = await captureClientHello({ servername: "coordinator.example", ALPNProtocols: ["x", "h2"] })

    expect(parseClientHello(bytes)).toEqual({ serverName: "coordinator.example", protocols: ["x", "h2"] })
  })

  test("without extensions has no names", () => {
    const bare = Buffer.concat([Buffer.of(1), vector(3, Buffer.alloc(34), vector(1), vector(2), vector(1))])

    expect(parseClientHello(record(bare))).toEqual({ serverName: undefined, protocols: [] })
  })

  test("needs every byte, wherever the network divides it", () => {
    for (let size = 0; size < hello.length; size++) expect(outcomeOf(hello.subarray(0, size))).toBe("incomplete")
    expect(outcomeOf(hello)).toEqual(parsed)
  })

  test("may be spread over records, and be followed by others", () => {
    const whole = message(serverName("host"), protocols("atls:v1:nonce:00", "h2"))
    const pieces = [whole.subarray(0, 1), whole.subarray(1, 50), whole.subarray(50)]

    expect(outcomeOf(Buffer.concat([...pieces.map(record), Buffer.of(20, 3, 3, 0, 1, 1)]))).toEqual(parsed)
  })

  test("has a host name even if another type of name comes first", () => {
    const names = extension(
      0,
      vector(2, Buffer.of(9), vector(2, Buffer.from("x")), Buffer.of(0), vector(2, Buffer.from("host"))),
    )

    expect(outcomeOf(record(message(names)))).toEqual({ serverName: "host", protocols: [] })
    expect(outcomeOf(record(message(serverName("x", 9))))).toEqual({ serverName: undefined, protocols: [] })
  })
})

describe("the parser refuses", () => {
  const withByte = (offset: number, value: number): Buffer => {
    const changed = Buffer.from(hello)
    changed[offset] = value
    return changed
  }
  const bytewise = Array.from(message(serverName("a-longer-host.example")), (byte) => record(Buffer.of(byte)))

  test.each<[string, Uint8Array, string]>([
    ["HTTP", Buffer.from("GET / HTTP/1.1\r\n\r\n"), "CLIENT_HELLO"],
    ["SSL 2", Buffer.from([0x80, 0x2e, 1, 0, 2, 0]), "CLIENT_HELLO"],
    ["an alert", Buffer.of(21, 3, 3, 0, 2, 2, 80), "CLIENT_HELLO"],
    ["another major version", withByte(1, 2), "CLIENT_HELLO"],
    ["an empty record", Buffer.of(22, 3, 1, 0, 0), "CLIENT_HELLO"],
    ["a record over 16 KiB", Buffer.of(22, 3, 1, 0x40, 1), "CLIENT_HELLO"],
    ["another message", withByte(5, 2), "CLIENT_HELLO"],
    ["a message over 16 KiB, from its header on", Buffer.of(22, 3, 1, 0, 4, 1, 0, 0x40, 1), "CLIENT_HELLO_SIZE"],
    [
      "a message that never ends",
      Buffer.concat([Buffer.of(22, 3, 1, 0x40, 0, 1, 0, 0x40, 0), Buffer.alloc(16380)]),
      "CLIENT_HELLO_SIZE",
    ],
    ["a byte in each record", Buffer.concat(bytewise), "CLIENT_HELLO"],
    ["an extension that comes twice", record(message(protocols("h2"), protocols("h2"))), "CLIENT_HELLO"],
    ["a length beyond the end", record(message(Buffer.of(0, 16, 0, 9, 0))), "CLIENT_HELLO"],
    [
      "bytes behind the extensions",
      record(
        Buffer.concat([
          Buffer.of(1),
          vector(3, Buffer.alloc(34), vector(1), vector(2), vector(1), vector(2), Buffer.of(0)),
        ]),
      ),
      "CLIENT_HELLO",
    ],
    ["half an ALPN name", record(message(extension(16, vector(2, Buffer.of(5, 104, 50))))), "CLIENT_HELLO"],
    ["half a server name", record(message(extension(0, vector(2, Buffer.of(0, 0, 9, 104))))), "CLIENT_HELLO"],
    ["an empty ALPN extension", record(message(extension(16))), "CLIENT_HELLO"],
  ])("%s", (_title, bytes, code) => {
    expect(outcomeOf(bytes)).toBe(code)
  })

  test("more bytes than any ClientHello has, even if more records might come", () => {
    const first = record(message().subarray(0, 10))
    const filler = record(Buffer.alloc(MAX_CLIENT_HELLO_BYTES))

    expect(outcomeOf(Buffer.concat([first, filler]))).not.toBe("incomplete")
  })
})

describe("whatever the bytes are, the parser", () => {
  const codes = ["incomplete", "CLIENT_HELLO", "CLIENT_HELLO_SIZE"]
  const expectBounded = (outcome: ClientHello | string): void => {
    if (typeof outcome === "string") expect(codes).toContain(outcome)
    else expect(JSON.stringify(outcome).length).toBeLessThan(8 * MAX_CLIENT_HELLO_BYTES)
  }

  test("reads or refuses random ones", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2048 }), (bytes) => {
        expectBounded(outcomeOf(bytes))
      }),
      { numRuns: RUNS },
    )
  })

  test("reads or refuses random extensions", () => {
    const extensions = fc.array(fc.tuple(fc.constantFrom(0, 16, 43), fc.uint8Array({ maxLength: 64 })), {
      maxLength: 4,
    })
    fc.assert(
      fc.property(extensions, (list) => {
        expectBounded(outcomeOf(record(message(...list.map(([type, body]) => extension(type, body))))))
      }),
      { numRuns: RUNS },
    )
  })

  test("reads or refuses a good one with bytes changed", () => {
    const change = fc.tuple(fc.nat(hello.length - 1), fc.nat(255))
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const changed = Buffer.from(hello)
        for (const [offset, value] of changes) changed[offset] = value
        expectBounded(outcomeOf(changed))
      }),
      { numRuns: RUNS },
    )
  })

  test("gets the same result however they are spread over records", () => {
    const whole = message(serverName("host"), protocols("atls:v1:nonce:00", "h2"))
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: whole.length - 1 }), { maxLength: 20 }), (cuts) => {
        const ends = [...cuts.toSorted((a, b) => a - b), whole.length]
        const records = ends.map((end, index) => record(whole.subarray(ends[index - 1] ?? 0, end)))
        expect(outcomeOf(Buffer.concat(records))).toEqual(parsed)
      }),
      { numRuns: RUNS },
    )
  })
})
