import { setTimeout as delay } from "node:timers/promises"
import { once } from "node:events"
import { Agent } from "node:https"
import type { TLSSocket } from "node:tls"
import { afterEach, expect, test } from "@jest/globals"
import { performBatch } from "../../src/transit/batch.ts"
import type { TransitLimits } from "../../src/transit/server.ts"
import { EncryptionCounts } from "../../src/transit/encryption-counts.ts"
import type { Engine } from "../../src/transit/engine.ts"
import { TransitError } from "../../src/transit/error.ts"
import { TransitKeys } from "../../src/transit/keys.ts"
import { call, createMesh, openSocket, startTransit, type ClientCredentials, type Running } from "./harness.ts"

const ENCRYPT = "/v1/transit/encrypt/web"
const HEALTH = "GET /v1/sys/health HTTP/1.1\r\nHost: x\r\n\r\n"
const mesh = createMesh()
const web = mesh.issueClient("web")
const sockets: TLSSocket[] = []
let running: Running

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await running.close()
  expect(running.told.failed).toEqual([])
})

async function start(limits: Partial<TransitLimits> = {}): Promise<void> {
  running = await startTransit(mesh, limits)
}

async function open(client?: ClientCredentials): Promise<TLSSocket> {
  const socket = await openSocket(running.port, client)
  socket.on("error", () => undefined) // the server may end the connection at any time
  sockets.push(socket)
  return socket
}

/** Resolves once the text has come. */
async function waitFor(socket: TLSSocket, text: string): Promise<void> {
  for (let received = ""; !received.includes(text);) {
    const [part] = (await once(socket, "data")) as [Buffer] // what sockets give
    received += part.toString("latin1")
  }
}

function encryptAs(client: ClientCredentials | undefined, plaintext = ""): Promise<number> {
  return call(running.port, client, "PUT", ENCRYPT, { plaintext }).then(({ status }) => status)
}

/** Begins a request whose body is to come, and waits until the server has admitted it. */
async function begin(length: number): Promise<TLSSocket> {
  const socket = await open(web)
  socket.write(`PUT ${ENCRYPT} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`)
  await waitFor(socket, "100 Continue\r\n\r\n")
  return socket
}

test("a workload that is removed while its body is on the way is not served", async () => {
  await start()
  const body = JSON.stringify({ plaintext: "YQ==" })
  const socket = await begin(body.length)

  running.state = createMesh().state
  socket.end(body)

  expect((await socket.toArray()).join("")).toMatch(/^HTTP\/1\.1 503 /)
})

test("a workload that is removed during its batch gets none of it", async () => {
  await start()
  const engine: Engine = {
    keys: new TransitKeys(() => new Uint8Array(32)),
    counts: new EncryptionCounts(),
    randomBytes: (size) => new Uint8Array(size),
  }
  let asked = 0
  const admit = (): Engine => {
    asked += 1
    if (asked > 2) throw new TransitError("CLIENT_CERTIFICATE", "removed")
    return engine
  }
  const items = Array.from({ length: 1000 }, () => ({ plaintext: "" }))

  const batch = performBatch(admit, "encrypt", "web", { kind: "batch", items, partialFailureStatus: undefined })

  await expect(batch).rejects.toMatchObject({ code: "CLIENT_CERTIFICATE" })
})

test.each([
  ["a stranger who asks for the health", "close", HEALTH, undefined],
  ["a stranger who is refused", "close", HEALTH.replace("GET /v1/sys/health", `PUT ${ENCRYPT}`), undefined],
  ["a client of another mesh", "close", HEALTH, createMesh().issueClient("web")],
  ["a workload of the mesh", "keep-alive", HEALTH, web],
])("the connection of %s is told to %s", async (_title, connection, request, client) => {
  await start()
  const socket = await open(client)

  socket.write(request)

  await waitFor(socket, `\r\nConnection: ${connection}\r\n`)
})

test("the connection of a stranger ends after its time whatever it sends, and that of a workload stays", async () => {
  await start({ strangerLifetimeMs: 300 })
  const [stranger, workload] = [await open(), await open(web)]
  stranger.write("GET /v1/sys/health HTTP/1.1\r\nX: ")
  while (!stranger.closed) {
    stranger.write("x")
    await delay(20)
  }
  workload.write(HEALTH)

  await waitFor(workload, "HTTP/1.1 200 ")
})

test("strangers make room for each other, and never take that of workloads", async () => {
  await start({ maxConnections: 12, maxStrangers: 4 })
  const workload = await open(web)
  const strangers: TLSSocket[] = []
  for (let count = 0; count < 30; count += 1) strangers.push(await open())

  expect(await encryptAs(web)).toBe(200)
  workload.write(HEALTH)
  await waitFor(workload, "HTTP/1.1 200 ")
  await until(() => Promise.resolve(strangers.filter(({ closed }) => !closed).length <= 4))
})

const nameless = mesh.issueClient(undefined)

test.each<[string, ClientCredentials, ClientCredentials]>([
  ["a workload", web, web],
  ["a workload with many certificates", web, mesh.issueClient("web")],
  ["everybody without a secret", nameless, mesh.issueClient(undefined)],
])("%s has one share of connections, and room only in that", async (_title, first, second) => {
  await start({ maxConnections: 32 })
  const others = [await open(mesh.issueClient("db")), await open(mesh.issueClient("cache"))]
  const connections: TLSSocket[] = []
  for (let count = 0; count < 20; count += 1) connections.push(await open(count % 2 === 0 ? first : second))

  await until(() => Promise.resolve(connections.filter(({ closed }) => !closed).length === 4))
  expect(connections.slice(0, -4).every(({ closed }) => closed)).toBe(true)
  for (const socket of [...others, ...connections.slice(-4)]) {
    socket.write(HEALTH)
    await waitFor(socket, "HTTP/1.1 200 ")
  }
})

test("a workload that is busy on all connections that it may have gets no more, and keeps those", async () => {
  await start({ maxConnections: 16 })
  const body = JSON.stringify({ plaintext: "YQ==" })
  const busy = [await begin(body.length), await begin(body.length)]

  const newcomer = await open(web)
  await until(() => Promise.resolve(newcomer.closed))
  for (const socket of busy) {
    socket.write(body)
    await waitFor(socket, "HTTP/1.1 200 ")
  }

  expect(await encryptAs(web)).toBe(200)
})

test("1,000 idle connections of strangers leave workloads unharmed", async () => {
  await start()
  await Promise.all(Array.from({ length: 1000 }, () => open()))
  const agent = new Agent({ keepAlive: true, rejectUnauthorized: false, ...web })

  const slowest = await slowestOf(50, () => call(running.port, undefined, "PUT", ENCRYPT, { plaintext: "" }, { agent }))
  agent.destroy()

  expect(slowest).toBeLessThan(1000)
}, 120_000)

async function slowestOf(times: number, act: () => Promise<{ readonly status: number }>): Promise<number> {
  let slowestMs = 0
  for (let time = 0; time < times; time += 1) {
    const started = performance.now()
    expect((await act()).status).toBe(200)
    slowestMs = Math.max(slowestMs, performance.now() - started)
  }
  return slowestMs
}

test("large bodies on their way have a bound, which small ones do not feel", async () => {
  await start({ maxBodyBytesInFlight: 1024 * 1024 })
  const large = Buffer.alloc(300 * 1024).toString("base64")
  const before = await encryptAs(web, large)
  const greedy = await begin(2 * 1024 * 1024)
  greedy.write(Buffer.alloc(1000 * 1024, 32))

  await until(async () => (await encryptAs(web, large)) === 503)
  const small = await encryptAs(web)
  greedy.destroy()
  await until(async () => (await encryptAs(web, large)) === 200)

  expect([before, small]).toEqual([200, 200])
})

/** Asks for the encryption of so many bytes and reads no more of the answer than its beginning. */
async function askAndForget(plaintextBytes: number): Promise<TLSSocket> {
  const socket = await open(web)
  socket.pause()
  const body = JSON.stringify({ plaintext: Buffer.alloc(plaintextBytes).toString("base64") })
  socket.write(`PUT ${ENCRYPT} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
  await until(() => Promise.resolve(socket.readableLength > 0))
  return socket
}

test("an answer that nobody takes counts until its connection ends", async () => {
  await start({ maxBodyBytesInFlight: 24 * 1024 * 1024, requestTimeoutMs: 60_000 })
  const large = Buffer.alloc(6 * 1024 * 1024).toString("base64")
  const greedy = await askAndForget(15 * 1024 * 1024)

  const meanwhile = [await encryptAs(web, large), await encryptAs(web)]
  greedy.destroy()
  await until(async () => (await encryptAs(web, large)) === 200)

  expect(meanwhile).toEqual([503, 200])
})

test("an answer that is much larger than its request counts, too", async () => {
  await start({ maxBodyBytesInFlight: 4 * 1024 * 1024 })
  const batch = (items: number) =>
    call(running.port, web, "PUT", ENCRYPT, { batch_input: Array.from({ length: items }, () => 1) })

  expect([(await batch(30_000)).status, (await batch(10_000)).status]).toEqual([503, 400])
})

test("what the parser makes of a body counts, too", async () => {
  await start({ maxBodyBytesInFlight: 6 * 1024 * 1024 })
  const batch = (items: number) =>
    call(running.port, web, "PUT", ENCRYPT, { batch_input: Array.from({ length: items }, () => ({ plaintext: "" })) })

  expect([(await batch(30_000)).status, (await batch(10_000)).status]).toEqual([503, 200])
})

/** A request for the encryption of what is in the body, byte for byte. */
const put = (body: string): string =>
  `PUT ${ENCRYPT} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`

test("short batches of many items on many connections take what is made of them, and together no more than there is", async () => {
  await start({ maxBodyBytesInFlight: 12 * 1024 * 1024 })
  const batch = `{"batch_input":[${Array(21_838).fill("{}").join()}]}` // less than 64 KiB; answers of 0.8 MB
  const connections = await Promise.all(Array.from({ length: 10 }, () => open(web)))

  // All are there long before the first has had its 342 turns.
  for (const socket of connections) socket.write(put(batch))
  const statuses = await Promise.all(connections.map(readStatus))

  expect(new Set(statuses)).toEqual(new Set(["400", "503"]))
  expect((await call(running.port, web, "PUT", ENCRYPT, batch)).status).toBe(400)
})

async function readStatus(socket: TLSSocket): Promise<string> {
  const [part] = (await once(socket, "data")) as [Buffer] // what sockets give
  return part.toString("latin1", "HTTP/1.1 ".length, "HTTP/1.1 200".length)
}

test.each([
  ["one", 1],
  ["a second one before the first is answered", 2],
])("a connection may ask for %s", async (_title, requests) => {
  expect(await countAnswers(requests)).toBe(requests)
})

test.each([3, 1000])("a connection that asks for %p things at once is ended", async (requests) => {
  expect(await countAnswers(requests)).toBeLessThanOrEqual(2)
})

/** How many answers come to so many requests that are sent at once, before the connection ends. */
async function countAnswers(requests: number): Promise<number> {
  await start({ idleTimeoutMs: 100 })
  const socket = await open(web)
  let received = ""
  socket.on("data", (part: Buffer) => (received += part.toString("latin1")))
  socket.write(put('{"plaintext":""}').repeat(requests))
  await until(() => Promise.resolve(socket.closed))
  return received.split("HTTP/1.1 200 ").length - 1
}

test("a client that does not take its answer in time loses its connection, and one that does keeps it", async () => {
  await start({ requestTimeoutMs: 3000 })
  const [taker, greedy] = [await open(web), await askAndForget(15 * 1024 * 1024)]
  taker.write(HEALTH)
  await waitFor(taker, "HTTP/1.1 200 ")

  await delay(5000)
  greedy.resume()
  await until(() => Promise.resolve(greedy.closed))
  taker.write(HEALTH)

  await waitFor(taker, "HTTP/1.1 200 ")
  expect(greedy.bytesRead).toBeLessThan(15 * 1024 * 1024)
}, 120_000)

/** Asks again until it is so; the test's own time limit bounds that. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await delay(20)
}
