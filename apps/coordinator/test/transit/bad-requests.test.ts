import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import { X509Certificate } from "node:crypto"
import { once } from "node:events"
import { Agent } from "node:https"
import { connect } from "node:net"
import type { TLSSocket } from "node:tls"
import { MAX_BODY_BYTES } from "../../src/transit/body.ts"
import {
  base64,
  call,
  createMesh,
  dataOf,
  openSocket,
  startTransit,
  type ClientCredentials,
  type Mesh,
  type Running,
} from "./harness.ts"

const NAME = "web"
const ENCRYPT = `/v1/transit/encrypt/${NAME}`
const DECRYPT = `/v1/transit/decrypt/${NAME}`
const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS
let mesh: Mesh
let running: Running
let web: ClientCredentials
let ciphertext: string

beforeAll(async () => {
  mesh = createMesh()
  running = await startTransit(mesh, { requestTimeoutMs: 1500 })
  web = mesh.issueClient(NAME)
  ciphertext = dataOf(await call(running.port, web, "PUT", ENCRYPT, { plaintext: base64("secret") })).ciphertext
})

afterAll(async () => {
  await running.close()
  expect(running.told.failed).toEqual([])
})

describe("a request is refused", () => {
  const good = { plaintext: "YQ==" }
  test.each<[string, string, string, unknown, number]>([
    ["with a method it does not know", "GET", ENCRYPT, undefined, 405],
    ["with DELETE", "DELETE", ENCRYPT, undefined, 405],
    ["with POST to the health", "POST", "/v1/sys/health", good, 405],
    ["at a path that is not there", "PUT", "/v1/transit/sign/web", good, 404],
    ["at the root", "PUT", "/", good, 404],
    ["at an upper-case path", "PUT", "/V1/transit/encrypt/web", good, 404],
    ["without a name", "PUT", "/v1/transit/encrypt/", good, 404],
    ["with a broken escape in the name", "PUT", "/v1/transit/encrypt/%zz", good, 400],
    ["with a name that is not UTF-8", "PUT", "/v1/transit/encrypt/%ff", good, 400],
    ["with a very long name", "PUT", `/v1/transit/encrypt/${"a".repeat(5000)}`, good, 400],
    ["for a name that only begins like ours", "PUT", `${ENCRYPT}x`, good, 403],
    ["for a name escaped twice", "PUT", "/v1/transit/encrypt/%2577eb", good, 403],
    ["with a query", "PUT", `${ENCRYPT}?x=1`, good, 400],
    ["without a body", "PUT", ENCRYPT, undefined, 400],
    ["with text that is not JSON", "PUT", ENCRYPT, "plaintext=YQ==", 400],
    ["with JSON that is no object", "PUT", ENCRYPT, "[]", 400],
    ["with null", "PUT", ENCRYPT, "null", 400],
    ["with bytes that are not UTF-8", "PUT", ENCRYPT, Buffer.from([0x7b, 0xff, 0x7d]), 400],
    ["without plaintext", "PUT", ENCRYPT, {}, 400],
    ["with a number as plaintext", "PUT", ENCRYPT, { plaintext: 1 }, 400],
    ["with base64 of the URL alphabet", "PUT", ENCRYPT, { plaintext: "-_8=" }, 400],
    ["with base64 without padding", "PUT", ENCRYPT, { plaintext: "YQ" }, 400],
    ["with a line break in base64", "PUT", ENCRYPT, { plaintext: "YWFh\nYWFh" }, 400],
    ["with an unknown parameter", "PUT", ENCRYPT, { ...good, plain: "" }, 400],
    ["with context", "PUT", ENCRYPT, { ...good, context: "YQ==" }, 400],
    ["with a nonce of its own", "PUT", ENCRYPT, { ...good, nonce: base64(Buffer.alloc(12)) }, 400],
    ["with convergent encryption", "PUT", ENCRYPT, { ...good, convergent_encryption: true }, 400],
    ["with another key type", "PUT", ENCRYPT, { ...good, type: "rsa-2048" }, 400],
    ["with a negative version", "PUT", ENCRYPT, { ...good, key_version: -1 }, 400],
    ["with half a version", "PUT", ENCRYPT, { ...good, key_version: 1.5 }, 400],
    ["with version 2^32", "PUT", ENCRYPT, { ...good, key_version: 4294967296 }, 400],
    ["with a version in words", "PUT", ENCRYPT, { ...good, key_version: "one" }, 400],
    ["with an empty batch", "PUT", ENCRYPT, { batch_input: [] }, 400],
    ["with a batch that is no list", "PUT", ENCRYPT, { batch_input: {} }, 400],
    ["with a batch of nothing", "PUT", ENCRYPT, { batch_input: [null] }, 400],
    ["with a batch and an item beside it", "PUT", ENCRYPT, { ...good, batch_input: [good] }, 400],
    ["with a reference that is no text", "PUT", ENCRYPT, { batch_input: [{ ...good, reference: 1 }] }, 400],
    ...[199, 204, 205, 300, 304, 399, 500, 207.5, "207", null].map(
      (code): [string, string, string, unknown, number] => [
        `with status ${JSON.stringify(code)} for partial failure`,
        "PUT",
        ENCRYPT,
        { batch_input: [good], partial_failure_response_code: code },
        400,
      ],
    ),
    ["with bits that no data key has", "PUT", `/v1/transit/datakey/plaintext/${NAME}`, { bits: 64 }, 400],
    ["with a batch of data keys", "PUT", `/v1/transit/datakey/wrapped/${NAME}`, { batch_input: [{}] }, 400],
    ["with a data key of unknown form", "PUT", `/v1/transit/datakey/${NAME}`, {}, 404],
  ])("%s", async (_title, method, path, body, status) => {
    const reply = await call(running.port, web, method, path, body)

    expect(reply).toEqual({
      status,
      body: expect.objectContaining({ errors: [expect.any(String)] }),
    })
  })

  test.each(["text/plain", "application/x-www-form-urlencoded", "application/jsonp"])(
    "with content type %s",
    async (type) => {
      const reply = await call(running.port, web, "PUT", ENCRYPT, good, { headers: { "content-type": type } })

      expect(reply).toEqual({ status: 400, body: { errors: ["content type must be application/json"] } })
    },
  )

  test.each(["application/json", "application/json; charset=utf-8", "Application/JSON"])(
    "but not with content type %s",
    async (type) => {
      const reply = await call(running.port, web, "PUT", ENCRYPT, good, { headers: { "content-type": type } })

      expect(reply.status).toBe(200)
    },
  )
})

describe("a ciphertext is refused", () => {
  const flip = (index: number) => (text: string) => {
    const payload = Buffer.from(text.split(":")[2] ?? "", "base64")
    const place = index < 0 ? payload.length + index : index
    payload[place] = (payload[place] ?? 0) ^ 1
    return `vault:v1:${payload.toString("base64")}`
  }
  test.each<[string, (text: string) => string]>([
    ["without prefix", (text) => text.slice("vault:v1:".length)],
    ["with another prefix", (text) => text.replace("vault", "safe")],
    ["with a fourth part", (text) => `${text}:`],
    ["of version 0", (text) => text.replace("v1", "v0")],
    ["of version 01", (text) => text.replace("v1", "v01")],
    ["of a version past 32 bits", (text) => text.replace("v1", "v4294967296")],
    ["of another version", (text) => text.replace("v1", "v2")],
    ["without v", (text) => text.replace("v1", "1")],
    ["that is empty", () => ""],
    ["shorter than nonce and tag", () => `vault:v1:${base64(Buffer.alloc(27))}`],
    ["with a flipped bit in the nonce", flip(0)],
    ["with a flipped bit in the data", flip(12)],
    ["with a flipped bit in the tag", flip(-1)],
    [
      "with its last byte gone",
      (text) => `vault:v1:${base64(Buffer.from(text.split(":")[2] ?? "", "base64").subarray(0, -1))}`,
    ],
  ])("%s", async (_title, change) => {
    const reply = await call(running.port, web, "PUT", DECRYPT, { ciphertext: change(ciphertext) })

    expect(reply).toEqual({ status: 400, body: { errors: [expect.any(String)] } })
  })
})

describe("a client is refused", () => {
  const refused = (status: number) => ({ status, body: { errors: [expect.any(String)] } })
  const callAs = (client: ClientCredentials | undefined) =>
    call(running.port, client, "PUT", ENCRYPT, { plaintext: "" })

  test("without a certificate", async () => {
    expect(await callAs(undefined)).toEqual(refused(403))
  })

  test("with a certificate of another mesh", async () => {
    expect(await callAs(createMesh().issueClient(NAME))).toEqual(refused(403))
  })

  test("with an expired certificate", async () => {
    expect(await callAs(mesh.issueClient(NAME, new Date(Date.now() - 800 * DAY_MS)))).toEqual(refused(403))
  })

  test("with a certificate that expires on an open connection", async () => {
    const client = issueExpiring(30 * MINUTE_MS)
    const agent = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false, ...client })
    const callAgain = () => call(running.port, undefined, "PUT", ENCRYPT, { plaintext: "" }, { agent })
    const before = await callAgain()

    running.aheadMs = 31 * MINUTE_MS
    try {
      expect(before.status).toBe(200)
      expect(await callAgain()).toEqual({ status: 403, body: { errors: ["the client certificate has expired"] } })
    } finally {
      running.aheadMs = 0
      agent.destroy()
    }
  })

  test.each(["uninitialised", "needs-recovery"] as const)("while the Coordinator is %s", async (availability) => {
    running.availability = availability
    try {
      expect(await callAs(web)).toEqual(refused(503))
    } finally {
      running.availability = "active"
    }
  })
})

/** A certificate with so much time left. */
function issueExpiring(leftMs: number): ClientCredentials {
  const now = Date.now()
  const lifetimeMs = new X509Certificate(mesh.issueClient(NAME).cert).validToDate.getTime() - now
  return mesh.issueClient(NAME, new Date(now - lifetimeMs + leftMs))
}

describe("a connection", () => {
  const head = `PUT ${ENCRYPT} HTTP/1.1\r\nHost: x\r\n`
  const send = async (...parts: readonly (string | Uint8Array)[]): Promise<readonly RawAnswer[]> => {
    const socket = await openSocket(running.port, web)
    for (const part of parts) socket.write(part)
    return parseAnswers(await readAll(socket))
  }
  const refused = (status: number, message: unknown = expect.any(String)) => ({
    status,
    body: { errors: [message] },
  })

  test("with a body over 32 MiB gets 413", async () => {
    expect(await send(`${head}Content-Length: ${MAX_BODY_BYTES + 1}\r\n\r\n`)).toEqual([refused(413)])
  })

  test("with chunks of more than 32 MiB, which it really sends, gets 413", async () => {
    const chunk = Buffer.concat([Buffer.from("100000\r\n"), Buffer.alloc(0x100000, 32), Buffer.from("\r\n")])

    const answers = await send(`${head}Transfer-Encoding: chunked\r\n\r\n`, ...Array<Buffer>(33).fill(chunk))

    expect(answers).toEqual([refused(413)])
  })

  test("with a body of 32 MiB is read to its end", async () => {
    const body = Buffer.alloc(MAX_BODY_BYTES, 32)

    const answers = await send(`${head}Connection: close\r\nContent-Length: ${body.length}\r\n\r\n`, body)

    expect(answers).toEqual([refused(400, "the body must be a JSON object")])
  })

  test.each([
    ["half a body", `${head}Content-Length: 100\r\n\r\n{`],
    ["half a header", `PUT ${ENCRYPT} HTTP/1.1\r\nHo`],
    ["nothing to say", ""],
  ])(
    "with %s is told and closed after the request time",
    async (_title, text) => {
      expect(await send(text)).toEqual([refused(400, "the request took too long")])
    },
    40_000,
  )

  test.each([
    ["a header past 16 KiB", `${head}X: ${"x".repeat(17 * 1024)}\r\n\r\n`, 400, "the headers are too long"],
    ["an unknown method", `FOO ${ENCRYPT} HTTP/1.1\r\nHost: x\r\n\r\n`, 405, "no such method"],
    ["CONNECT", "CONNECT web:443 HTTP/1.1\r\nHost: web:443\r\n\r\n", 405, "no such method"],
    ["no Host", `PUT ${ENCRYPT} HTTP/1.1\r\nConnection: close\r\n\r\n`, 400, "the Host header is missing"],
    ["an unknown expectation", `${head}Connection: close\r\nExpect: tea\r\n\r\n`, 400, "expect must be 100-continue"],
    ["a broken chunk", `${head}Transfer-Encoding: chunked\r\n\r\nx\r\n`, 400, "malformed HTTP request"],
    ["two lengths", `${head}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`, 400, "malformed HTTP request"],
    ["HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "malformed HTTP request"],
  ])("with %s is refused and closed", async (_title, text, status, message) => {
    expect(await send(text)).toEqual([refused(status, message)])
  })

  test.each([
    ["a small request", { plaintext: "YQ==" }],
    ["one that takes many turns", { batch_input: Array.from({ length: 20_000 }, () => ({ plaintext: "YQ==" })) }],
  ])("with garbage behind %s gets its answer first, and then one refusal", async (_title, fields) => {
    const body = JSON.stringify(fields)

    const answers = await send(
      `${head}Content-Length: ${body.length}\r\n\r\n${body}\u0000\u0001garbage\r\n\r\n`,
      "more\r\n\r\n",
    )

    expect(answers).toEqual([{ status: 200, body: { data: expect.anything() } }, refused(400)])
  })

  test("of a client that vanishes mid-request harms nobody", async () => {
    const socket = await openSocket(running.port, web)
    socket.write(`PUT ${ENCRYPT} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{`)
    socket.destroy()

    expect((await call(running.port, web, "PUT", ENCRYPT, { plaintext: "" })).status).toBe(200)
  })
})

test("a connection that never begins its handshake does not hold up the end", async () => {
  const other = await startTransit(mesh)
  const socket = connect(other.port, "127.0.0.1")
  await once(socket, "connect")

  await other.close()
  socket.destroy()
})

async function readAll(socket: TLSSocket): Promise<string> {
  let text = ""
  socket.on("data", (part: Buffer) => (text += part.toString("latin1")))
  socket.on("error", () => undefined)
  await once(socket, "close")
  return text
}

interface RawAnswer {
  readonly status: number
  readonly body: unknown
}

/** What came on a connection: answers with a length and a body of JSON, one behind the other. */
function parseAnswers(text: string): readonly RawAnswer[] {
  const answers: RawAnswer[] = []
  for (let rest = text; rest !== "";) {
    const [head, status, length] =
      /^HTTP\/1\.1 (\d{3}) [^]*?\r\nContent-Length: (\d+)\r\n[^]*?\r\n\r\n/.exec(rest) ?? []
    if (head === undefined) throw new Error(`expected an answer, got ${rest.slice(0, 100)}`)
    const end = head.length + Number(length)
    answers.push({ status: Number(status), body: JSON.parse(rest.slice(head.length, end)) })
    rest = rest.slice(end)
  }
  return answers
}
