import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import {
  base64,
  call,
  createMesh,
  dataOf,
  openSocket,
  startTransit,
  type ClientCredentials,
  type Mesh,
  type Reply,
  type Running,
} from "./harness.ts"

const NAME = "apps/v1/Deployment/default/web"
let mesh: Mesh
let running: Running
let web: ClientCredentials

beforeAll(async () => {
  mesh = createMesh()
  running = await startTransit(mesh)
  web = mesh.issueClient(NAME)
})

afterAll(async () => {
  await running.close()
})

function post(operation: string, body: unknown, name = NAME): Promise<Reply> {
  return call(running.port, web, "POST", `/v1/transit/${operation}/${name}`, body)
}

async function seal(fields: Record<string, unknown>): Promise<string> {
  const reply = await post("encrypt", fields)
  expect(reply.status).toBe(200)
  return dataOf(reply).ciphertext
}

describe("encrypt and decrypt", () => {
  test("give the plaintext back", async () => {
    const ciphertext = await seal({ plaintext: base64("hello") })

    const reply = await post("decrypt", { ciphertext })

    expect(ciphertext).toMatch(/^vault:v1:/)
    expect(reply).toEqual({ status: 200, body: { data: { plaintext: base64("hello") } } })
  })

  test("take an empty plaintext, and PUT without a content type as the seal client sends it", async () => {
    const sealed = await call(running.port, web, "PUT", `/v1/transit/encrypt/${NAME}`, { plaintext: "" })

    const opened = await post("decrypt", { ciphertext: dataOf(sealed).ciphertext })

    expect(dataOf(opened)).toEqual({ plaintext: "" })
  })

  test("take the name with escaped slashes", async () => {
    const reply = await post("encrypt", { plaintext: "YQ==" }, encodeURIComponent(NAME))

    expect(reply.status).toBe(200)
  })

  test("never repeat a nonce", async () => {
    const sealed = await Promise.all(Array.from({ length: 50 }, () => seal({ plaintext: "YQ==" })))

    const nonces = new Set(sealed.map((text) => Buffer.from(text.split(":")[2] ?? "", "base64").toString("hex", 0, 12)))

    expect(nonces.size).toBe(50)
  })

  test.each([
    [7, 7],
    ["7", 7],
    [0, 1],
    [undefined, 1],
    [4294967295, 4294967295],
  ])("with key_version %p report version %p", async (asked, reported) => {
    const reply = await post("encrypt", { plaintext: "YQ==", key_version: asked })

    expect(dataOf(reply).key_version).toBe(reported)
    expect(dataOf(reply).ciphertext).toMatch(new RegExp(`^vault:v${reported}:`))
    expect(dataOf(await post("decrypt", { ciphertext: dataOf(reply).ciphertext })).plaintext).toBe("YQ==")
  })

  test("bind associated data", async () => {
    const ciphertext = await seal({ plaintext: "YQ==", associated_data: base64("row 1") })

    const right = await post("decrypt", { ciphertext, associated_data: base64("row 1") })
    const wrong = await post("decrypt", { ciphertext, associated_data: base64("row 2") })
    const none = await post("decrypt", { ciphertext })

    expect([right.status, wrong.status, none.status]).toEqual([200, 400, 400])
  })

  test("use another key for another version", async () => {
    const ciphertext = await seal({ plaintext: "YQ==", key_version: 2 })

    const reply = await post("decrypt", { ciphertext: ciphertext.replace("vault:v2:", "vault:v3:") })

    expect(reply.status).toBe(400)
  })
})

describe("rewrap", () => {
  test("moves a ciphertext to another version and keeps its associated data", async () => {
    const associated_data = base64("row 1")
    const ciphertext = await seal({ plaintext: base64("hello"), associated_data })

    const moved = await post("rewrap", { ciphertext, associated_data, key_version: 2 })
    const opened = await post("decrypt", { ciphertext: dataOf(moved).ciphertext, associated_data })

    expect(dataOf(moved).key_version).toBe(2)
    expect(dataOf(opened).plaintext).toBe(base64("hello"))
  })
})

describe("datakey", () => {
  test.each([
    [undefined, 32],
    [128, 16],
    [256, 32],
    [512, 64],
  ])("with %p bits gives a key of %p bytes that its ciphertext holds", async (bits, size) => {
    const reply = await post("datakey/plaintext", { bits })

    const opened = await post("decrypt", { ciphertext: dataOf(reply).ciphertext })

    expect(Buffer.from(dataOf(reply).plaintext, "base64")).toHaveLength(size)
    expect(dataOf(opened).plaintext).toBe(dataOf(reply).plaintext)
  })

  test("shows the key only on the plaintext path", async () => {
    const reply = await post("datakey/wrapped", {})

    expect(Object.keys(dataOf(reply)).sort()).toEqual(["ciphertext", "key_version"])
  })
})

describe("a batch", () => {
  test("keeps its order and echoes references", async () => {
    const items = Array.from({ length: 300 }, (_, index) => ({ plaintext: base64(`${index}`), reference: `r${index}` }))

    const sealed = await post("encrypt", { batch_input: items })
    const results = dataOf(sealed).batch_results
    const opened = await post("decrypt", { batch_input: results.map(({ ciphertext }) => ({ ciphertext })) })

    expect(results.map(({ reference }) => reference)).toEqual(items.map(({ reference }) => reference))
    expect(dataOf(opened).batch_results).toEqual(items.map(({ plaintext }) => ({ plaintext })))
  })

  test("with one bad item is 400 as a whole, with every result in it", async () => {
    const reply = await post("encrypt", { batch_input: [{ plaintext: "YQ==" }, { plaintext: "?", reference: "x" }] })

    expect(reply.status).toBe(400)
    expect(reply.body).toHaveProperty("errors", [expect.any(String)])
    expect(dataOf(reply).batch_results[0]?.ciphertext).toMatch(/^vault:v1:/)
    expect(dataOf(reply).batch_results[1]).toEqual({ error: expect.any(String), reference: "x" })
  })

  test.each([200, 207, 299, 400, 422, 499])(
    "answers with the status %p, if asked for, and all results when only part of it failed",
    async (partial_failure_response_code) => {
      const batch_input = [{ plaintext: "YQ==" }, { plaintext: "?" }]
      const some = await post("encrypt", { batch_input, partial_failure_response_code })
      const all = await post("encrypt", { batch_input: [{ plaintext: "?" }], partial_failure_response_code })

      expect([some.status, all.status]).toEqual([partial_failure_response_code, 400])
      expect(dataOf(some).batch_results).toHaveLength(2)
    },
  )
})

describe("a name", () => {
  test("of another workload is refused", async () => {
    const reply = await post("encrypt", { plaintext: "YQ==" }, "apps/v1/StatefulSet/default/vault")

    expect(reply.status).toBe(403)
    expect(reply.body).toEqual({ errors: [expect.any(String)] })
  })

  test("is refused to a certificate without a workload secret ID", async () => {
    const reply = await call(running.port, mesh.issueClient(undefined), "PUT", `/v1/transit/encrypt/${NAME}`, {
      plaintext: "",
    })

    expect(reply.status).toBe(403)
  })
})

describe("a name is the rest of the path, percent-decoded once", () => {
  const ID = "wörk/100 %2F/ß"
  test.each([
    ["escaped as a whole", encodeURIComponent(ID), 200],
    ["with plain slashes", ID.split("/").map(encodeURIComponent).join("/"), 200],
    ["with its own %2F taken for a slash", "w%C3%B6rk/100%20%2F/%C3%9F", 403],
    ["in another normal form", encodeURIComponent(ID.normalize("NFD")), 403],
    ["escaped as Latin-1", "w%F6rk/100%20%252F/%DF", 400],
  ])("%s", async (_title, name, status) => {
    const client = mesh.issueClient(ID)

    const reply = await call(running.port, client, "PUT", `/v1/transit/encrypt/${name}`, { plaintext: "YQ==" })

    expect(reply.status).toBe(status)
  })
})

describe("health", () => {
  test("needs no client certificate", async () => {
    const reply = await call(running.port, undefined, "GET", "/v1/sys/health")

    expect(reply).toMatchObject({
      status: 200,
      body: { initialized: true, sealed: false, standby: false, version: "1.2.3" },
    })
  })

  test("answers HEAD without a body", async () => {
    const reply = await call(running.port, undefined, "HEAD", "/v1/sys/health")

    expect(reply).toEqual({ status: 200, body: undefined })
  })

  test.each([204, 304])("answers %p without a length", async (status) => {
    const socket = await openSocket(running.port)
    socket.end(`GET /v1/sys/health?activecode=${status} HTTP/1.1\r\nHost: x\r\n\r\n`)

    const text = (await socket.toArray()).join("")

    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} [^]*\r\n\r\n$`))
    expect(text).not.toMatch(/content-length/i)
  })

  test.each([
    ["uninitialised", "", 501],
    ["needs-recovery", "", 503],
    ["needs-recovery", "?sealedcode=204", 204],
    ["uninitialised", "?uninitcode=200&sealedcode=204", 200],
    ["active", "?activecode=299", 299],
    ["active", "?activecode=99", 400],
    ["active", "?unknown=200", 400],
  ] as const)("of a Coordinator that is %s, asked with %p, is %p", async (availability, query, status) => {
    running.availability = availability
    try {
      expect((await call(running.port, undefined, "GET", `/v1/sys/health${query}`)).status).toBe(status)
    } finally {
      running.availability = "active"
    }
  })
})
