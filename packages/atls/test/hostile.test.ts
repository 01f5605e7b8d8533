import { once } from "node:events"
import { type ClientHttp2Session, connect as connectHttp2, constants, type Settings } from "node:http2"
import { Duplex } from "node:stream"
import { setImmediate as nextTurn, setTimeout as delay } from "node:timers/promises"
import type { Issuer } from "@contrast/attestation"
import { certificatePem, generateP256Key, issueAttestedCertificate } from "@contrast/crypto"
import {
  AttestationAPIService,
  boundedUserApi,
  GetManifestsResponse,
  MeshAPIService,
  SetManifestRequest,
  SetManifestResponse,
  unaryHandler,
  UserAPIService,
} from "@contrast/protocol"
import { afterEach, describe, expect, test } from "@jest/globals"
import type { AttestedServerOptions } from "../src/index.ts"
import { captureClientHello, connectRaw, handshake, readToEnd } from "./support/raw-tls.ts"
import {
  CLIENT_POLICY,
  clientIssuer,
  closeAll,
  closeLater,
  connect,
  enrol,
  startServer,
  type Stage,
} from "./support/stage.ts"

afterEach(closeAll)

const h2 = { ALPNProtocols: ["h2"] }
const userPort: Partial<AttestedServerOptions> = { clientEvidence: "none" }

/** The server still serves whoever behaves. */
async function expectAlive({ address }: Stage): Promise<void> {
  const connection = await connect(address)
  expect(await connection.call(AttestationAPIService.challenge, {})).toMatchObject({ Nonce: expect.anything() })
  connection.close()
}

/** An HTTP/2 session by hand, as no gRPC client would use it. */
async function openHttp2(port: number, settings: Settings = {}): Promise<ClientHttp2Session> {
  const socket = await handshake(port, h2)
  const session = connectHttp2("https://x", { createConnection: () => socket, settings })
  session.on("error", () => undefined)
  closeLater(() => {
    session.destroy()
  })
  return session
}

const attestHeaders = {
  ":method": "POST",
  ":path": AttestationAPIService.attest.path,
  "content-type": "application/grpc",
  te: "trailers",
}

const headersOf = ({ path }: { readonly path: string }) => ({ ...attestHeaders, ":path": path })

const { challenge } = AttestationAPIService
/** Takes evidence, and so large requests. */
const { newMeshCert } = MeshAPIService

/** The status of a call that sends this and does not end, once the server has closed it. */
async function statusOfUnfinished(
  session: ClientHttp2Session,
  { path }: { readonly path: string },
  ...chunks: readonly Buffer[]
): Promise<number> {
  const call = session.request(headersOf({ path }))
  let status = NaN
  call.on("error", () => undefined).on("response", (headers) => (status = Number(headers["grpc-status"])))
  const closed = new Promise((resolve) => call.resume().once("close", resolve))
  for (const chunk of chunks) {
    call.write(chunk)
    await nextTurn() // a frame of its own
  }
  await closed
  return status
}

const attestRequest = Buffer.from([0, 0, 0, 0, 34, 0x0a, 32, ...new Uint8Array(32)])

/** A client's end of a connection that is read at some 10 MiB a second. */
function slowly(socket: Duplex): Duplex {
  const slow = new Duplex({
    read: () => socket.resume(),
    write: (chunk: Buffer, _encoding, done) => {
      socket.write(chunk, done)
    },
  })
  socket.on("data", (chunk: Buffer) => {
    socket.pause()
    setTimeout(() => slow.push(chunk), 1)
  })
  socket.once("close", () => slow.destroy())
  return slow
}

interface UserHandlers {
  readonly getManifests?: () => Promise<GetManifestsResponse>
  readonly setManifest?: (request: SetManifestRequest) => Promise<SetManifestResponse>
}

/** UserAPI of which each method does as told, or never answers. */
function userApi({ getManifests = never, setManifest = never }: UserHandlers) {
  return {
    getManifests: unaryHandler(getManifests),
    setManifest: unaryHandler((call: { readonly request: unknown }) => setManifest(call.request as SetManifestRequest)),
    recover: unaryHandler(never),
  }
}

const never = () => new Promise<never>(() => undefined)

const answerOf = (size: number) => GetManifestsResponse.create({ RootCA: new Uint8Array(size) })

/** A whole request to set a manifest of so many bytes. */
function setManifestRequest(size: number): Buffer {
  const request = SetManifestRequest.encode(SetManifestRequest.create({ Manifest: new Uint8Array(size) })).finish()
  const prefix = Buffer.alloc(5)
  prefix.writeUInt32BE(request.length, 1)
  return Buffer.concat([prefix, request])
}

/** The status of a call that sets a manifest of so many bytes. */
async function statusOf(session: ClientHttp2Session, size: number): Promise<number> {
  const call = session.request(headersOf(UserAPIService.setManifest))
  let status = NaN
  const note = (headers: { readonly "grpc-status"?: unknown }) => {
    if (headers["grpc-status"] !== undefined) status = Number(headers["grpc-status"])
  }
  call
    .on("error", () => undefined)
    .on("response", note)
    .on("trailers", note)
  const closed = new Promise((resolve) => call.resume().once("close", resolve))
  call.end(setManifestRequest(size))
  await closed
  return status
}

/** The prefix of a message of 1 MiB. */
const largePrefix = Buffer.of(0, 0, 0x10, 0, 0)

describe("before TLS", () => {
  test.each<[string, Buffer]>([
    ["HTTP", Buffer.from("GET / HTTP/1.1\r\n\r\n")],
    ["zeros", Buffer.alloc(1000)],
    [
      "a ClientHello that never ends",
      Buffer.concat([Buffer.of(22, 3, 1, 0x40, 0, 1, 0, 0x40, 0), Buffer.alloc(20_000)]),
    ],
    ["a record that is too long", Buffer.concat([Buffer.of(22, 3, 1, 0xff, 0xff), Buffer.alloc(70_000)])],
  ])("%s gets an alert and is closed", async (_title, bytes) => {
    const stage = await startServer(userPort)
    const socket = await connectRaw(stage.port)
    socket.write(bytes)

    expect(await readToEnd(socket)).toEqual(Buffer.of(21, 3, 3, 0, 2, 2, 50))

    expect(stage.failures).toMatchObject([{ error: { code: expect.stringMatching(/^CLIENT_HELLO/) } }])
    await expectAlive(stage)
  })

  test("a broken key share is refused by TLS itself", async () => {
    const stage = await startServer(userPort)
    const hello = await captureClientHello(h2)
    const socket = await connectRaw(stage.port)
    socket.write(hello.fill(0xff, hello.length - 40))

    await readToEnd(socket)

    expect(stage.failures).toMatchObject([{ error: { code: "TLS" } }])
    await expectAlive(stage)
  })

  test("a client that goes away in the middle is only noted", async () => {
    const stage = await startServer(userPort)
    const hello = await captureClientHello(h2)
    for (const size of [0, 1, 50, hello.length]) {
      const socket = await connectRaw(stage.port)
      socket.write(hello.subarray(0, size))
      socket.end()
      await readToEnd(socket)
    }

    await expectAlive(stage)
    expect(stage.failures.length).toBeGreaterThanOrEqual(3)
  })

  test("a ClientHello that comes byte by byte is understood", async () => {
    const { port } = await startServer(userPort)
    const hello = await captureClientHello(h2)
    const socket = await connectRaw(port)

    for (const byte of hello) socket.write(Buffer.of(byte))
    const [answer] = (await once(socket, "data")) as [Buffer]

    expect(answer.subarray(0, 3)).toEqual(Buffer.of(22, 3, 3)) // a ServerHello
  })
})

describe("a slow client is closed", () => {
  const limits = { handshakeTimeoutMs: 150, idleTimeoutMs: 150 }

  test("that sends nothing", async () => {
    const { port, failures } = await startServer({ ...userPort, limits })

    await readToEnd(await connectRaw(port))

    expect(failures).toMatchObject([{ error: { code: "HANDSHAKE_TIMEOUT" } }])
  })

  test("that sends a byte at a time", async () => {
    const { port, failures } = await startServer({ ...userPort, limits })
    const hello = await captureClientHello(h2)
    const socket = await connectRaw(port)
    let sent = 0
    const timer = setInterval(() => socket.write(hello.subarray(sent, ++sent)), 10)

    await readToEnd(socket)
    clearInterval(timer)

    expect(sent).toBeLessThan(hello.length)
    expect(failures).toMatchObject([{ error: { code: "HANDSHAKE_TIMEOUT" } }])
  })

  test("that never finishes the handshake", async () => {
    const { port, failures } = await startServer({ ...userPort, limits })
    const socket = await connectRaw(port)
    socket.write(await captureClientHello(h2))

    await readToEnd(socket)

    expect(failures).toMatchObject([{ error: { code: "HANDSHAKE_TIMEOUT" } }])
  })

  test("that says nothing after the handshake", async () => {
    const { port } = await startServer({ ...userPort, limits })

    await readToEnd(await handshake(port, h2))
  })

  test("while evidence for it is not issued in time", async () => {
    const never = new Promise<never>(() => undefined)
    const issuer = { ...clientIssuer, issue: () => never }
    const { port, failures } = await startServer({ ...userPort, limits, issuer })
    const nonce = `atls:v1:nonce:${"00".repeat(32)}`

    await expect(handshake(port, { ALPNProtocols: [nonce, "h2"] })).rejects.toThrow()

    expect(failures).toMatchObject([{ error: { code: "HANDSHAKE_TIMEOUT" } }])
  })
})

describe("a call", () => {
  test("whose message never comes ends with a status", async () => {
    const { port } = await startServer({ ...userPort, limits: { requestTimeoutMs: 100 } })
    const stream = (await openHttp2(port)).request(attestHeaders)

    const [headers] = (await once(stream, "response")) as [Record<string, string>]

    expect(headers["grpc-status"]).toBe("4")
    stream.close()
  })

  test("whose handler never answers ends with a status", async () => {
    const { address } = await startServer({ limits: { requestTimeoutMs: 100 } })
    const connection = await connect(address)

    await expect(connection.call(MeshAPIService.recover, {})).rejects.toMatchObject({ code: "TIMEOUT" })
    expect(await enrol(connection)).toHaveLength(64)
  })

  test("whose answer the client does not take ends with its connection", async () => {
    const stage = await startServer({ ...userPort, limits: { requestTimeoutMs: 200 } })
    const session = await openHttp2(stage.port, { initialWindowSize: 0 })
    const call = session.request(attestHeaders)
    call.on("error", () => undefined)
    call.end(attestRequest)

    await new Promise((resolve) => session.once("close", resolve))

    expect(session.destroyed).toBe(true)
    await expectAlive(stage)
  })

  test("whose answer the client does not take ends well before the time for a call", async () => {
    const stage = await startServer({ ...userPort, limits: { answerStallMs: 100 } })
    const session = await openHttp2(stage.port, { initialWindowSize: 0 })
    const call = session.request(attestHeaders)
    call.on("error", () => undefined)
    call.end(attestRequest)

    await new Promise((resolve) => session.once("close", resolve))

    await expectAlive(stage)
  })

  test.each([
    ["in small windows", 65_535, 2 * 1024 * 1024],
    ["in one window", 1024 * 1024 * 1024, 30 * 1024 * 1024],
  ])("whose answer the client takes slowly, %s, is answered", async (_title, windowSize, size) => {
    const { server, port } = await startServer({ ...userPort, limits: { answerStallMs: 1000 } })
    server.addService(UserAPIService, {
      getManifests: unaryHandler(() => Promise.resolve(GetManifestsResponse.create({ RootCA: new Uint8Array(size) }))),
      setManifest: unaryHandler(() => new Promise(() => undefined)),
      recover: unaryHandler(() => new Promise(() => undefined)),
    })
    const socket = await handshake(port, h2)
    const session = connectHttp2("https://x", {
      createConnection: () => slowly(socket),
      settings: { initialWindowSize: windowSize },
    })
    session.on("error", () => undefined)
    session.setLocalWindowSize(windowSize)
    const call = session.request({ ...attestHeaders, ":path": UserAPIService.getManifests.path })
    call.end(Buffer.alloc(5))
    let received = 0
    call.on("error", () => undefined).on("data", (chunk: Buffer) => (received += chunk.length))
    await new Promise((resolve) => call.once("close", resolve))

    expect(received).toBeGreaterThan(size)
    session.close()
  })

  test("ends for its handler when the client has taken the answer, and not before", async () => {
    const events: string[] = []
    const { server, port } = await startServer(userPort)
    server.addService(UserAPIService, {
      getManifests: unaryHandler((call: Parameters<(typeof server)["ended"]>[0]) => {
        void server.ended(call).then(() => events.push("ended"))
        return Promise.resolve(GetManifestsResponse.create({ RootCA: new Uint8Array(100_000) }))
      }),
      setManifest: unaryHandler(() => new Promise(() => undefined)),
      recover: unaryHandler(() => new Promise(() => undefined)),
    })
    const session = await openHttp2(port, { initialWindowSize: 0 })
    const call = session.request({ ...attestHeaders, ":path": UserAPIService.getManifests.path })
    call.end(Buffer.alloc(5))
    await once(call, "response")
    expect(events).toEqual([])

    session.settings({ initialWindowSize: 1_000_000 })
    call.resume()
    await once(call, "end")

    while (events.length === 0) await delay(5)
    session.close()
  })

  test("may be given up by the client, which the server survives", async () => {
    const stage = await startServer()
    const connection = await connect(stage.address)
    const call = connection.call(MeshAPIService.recover, {})

    setTimeout(() => {
      connection.close()
    }, 20)

    await expect(call).rejects.toMatchObject({ code: "CANCELLED" })
    await expectAlive(stage)
  })

  test("that is too large is refused", async () => {
    const stage = await startServer({ limits: { maxMessageBytes: 1000 } })
    const connection = await connect(stage.address)

    await expect(connection.call(AttestationAPIService.attest, { Nonce: new Uint8Array(2000) })).rejects.toMatchObject({
      code: "LIMIT",
    })
    await expectAlive(stage)
  })

  test("with more headers than HTTP/2 allows is refused", async () => {
    const stage = await startServer(userPort)
    const stream = (await openHttp2(stage.port)).request({
      ...attestHeaders,
      ...Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`x-${index}`, "y".repeat(200)])),
    })
    stream.on("error", () => undefined)

    await new Promise((resolve) => stream.once("close", resolve))

    expect(stream.rstCode).not.toBe(constants.NGHTTP2_NO_ERROR)
    await expectAlive(stage)
  })

  test("whose message does not come to its end in time is closed, not its connection", async () => {
    const stage = await startServer({ ...userPort, limits: { receiveTimeoutMs: 100 } })
    const session = await openHttp2(stage.port)

    expect(await statusOfUnfinished(session, newMeshCert, largePrefix, Buffer.alloc(1000))).toBe(4)

    expect(session.destroyed).toBe(false)
    await expectAlive(stage)
  })

  test("whose message is complete but does not end is closed as well", async () => {
    const stage = await startServer({ ...userPort, limits: { receiveTimeoutMs: 100 } })

    expect(await statusOfUnfinished(await openHttp2(stage.port), challenge, Buffer.alloc(5))).toBe(4)
  })

  test.each<[string, Buffer[]]>([
    ["is compressed", [Buffer.of(1, 0, 0, 0, 1, 0)]],
    ["is compressed, after another one", [Buffer.concat([Buffer.alloc(5), Buffer.of(1, 0, 0, 0, 1, 0)])]],
    ["comes twice", [Buffer.alloc(5), Buffer.alloc(5)]],
    ["comes twice, in parts", [Buffer.alloc(3), Buffer.alloc(3)]],
  ])("whose message %s is refused", async (_title, chunks) => {
    const stage = await startServer(userPort)

    expect(await statusOfUnfinished(await openHttp2(stage.port), challenge, ...chunks)).toBe(3)
    await expectAlive(stage)
  })

  test("is refused if its message is the largest of those that are more than the server takes in at a time", async () => {
    const stage = await startServer({ ...userPort, limits: { maxReceivingBytes: 1_200_000 } })
    const sessions = [await openHttp2(stage.port), await openHttp2(stage.port)]

    const chunks = [largePrefix, Buffer.alloc(1_000_000)]
    const unfinished = sessions.map((session) => statusOfUnfinished(session, newMeshCert, ...chunks))
    expect(await Promise.race(unfinished)).toBe(8)

    await expectAlive(stage)
    for (const session of sessions) session.destroy()
    await Promise.all(unfinished)
  })

  test("is refused if it keeps much memory with few bytes of its message", async () => {
    const stage = await startServer({ ...userPort, limits: { maxReceivingBytes: 200_000, receiveTimeoutMs: 2000 } })
    const bytes = Array.from({ length: 1000 }, () => Buffer.of(0))

    expect(await statusOfUnfinished(await openHttp2(stage.port), newMeshCert, largePrefix, ...bytes)).toBe(8)
  })

  test.each([
    ["Attest", AttestationAPIService.attest],
    ["Challenge", challenge],
    ["GetManifests", UserAPIService.getManifests],
    ["Recover", UserAPIService.recover],
  ])("of %s, which needs little, is refused as soon as it announces much", async (_title, method) => {
    const stage = await startServer(userPort)
    stage.server.addService(boundedUserApi(1), userApi({}))

    expect(await statusOfUnfinished(await openHttp2(stage.port), method, Buffer.of(0, 0, 0, 16, 1))).toBe(8)
    await expectAlive(stage)
  })

  test("of SetManifest may be as large as the server takes", async () => {
    const size = 1_000_000
    const stage = await startServer({ ...userPort, limits: { maxMessageBytes: size + 100 } })
    const sizes: number[] = []
    const setManifest = (request: SetManifestRequest) => {
      sizes.push(request.Manifest.length)
      return Promise.resolve(SetManifestResponse.create())
    }
    stage.server.addService(boundedUserApi(1), userApi({ setManifest }))
    const session = await openHttp2(stage.port)

    expect(await statusOf(session, size)).toBe(0)
    expect(sizes).toEqual([size])
    const announcesMore = Buffer.alloc(5)
    announcesMore.writeUInt32BE(size + 101, 1)
    expect(await statusOfUnfinished(session, UserAPIService.setManifest, announcesMore)).toBe(8)
  })

  test("of bytes that are no message is refused", async () => {
    const stage = await startServer(userPort)
    const stream = (await openHttp2(stage.port)).request(attestHeaders)
    stream.end(Buffer.of(0, 0, 0, 0, 2, 0x0a, 0xff))

    const [headers] = (await once(stream, "response")) as [Record<string, string>]

    expect(headers["grpc-status"]).toBe("13")
    stream.close()
    await expectAlive(stage)
  })
})

describe("a complete request", () => {
  /** A server that has room for 400 kB, and what is waiting for its handler. */
  async function startWaiting(answerStallMs = 60_000) {
    const stage = await startServer({ ...userPort, limits: { maxReceivingBytes: 400_000, answerStallMs } })
    const waiting: (() => void)[] = []
    const setManifest = () =>
      new Promise<SetManifestResponse>((resolve) => {
        waiting.push(() => {
          resolve(SetManifestResponse.create({ RootCA: new Uint8Array(100_000) }))
        })
      })
    stage.server.addService(boundedUserApi(1), userApi({ setManifest }))
    /** Begins a call, and waits until its handler has it. */
    const begin = async (session: ClientHttp2Session) => {
      const before = waiting.length
      const call = session.request(headersOf(UserAPIService.setManifest))
      call.on("error", () => undefined).end(setManifestRequest(250_000))
      while (waiting.length === before) await delay(5)
      return call
    }
    return { stage, waiting, begin }
  }

  test("has its share of what the server takes in until it is answered, whether the answer is taken or not", async () => {
    const { stage, waiting, begin } = await startWaiting()
    const session = await openHttp2(stage.port, { initialWindowSize: 0 })
    const call = await begin(session)
    const other = await openHttp2(stage.port)

    expect(await statusOf(other, 250_000)).toBe(8)
    await expectAlive(stage)

    waiting[0]?.()
    await once(call, "response")
    await begin(other)
    expect(session.destroyed).toBe(false)
  })

  test("that is answered when its client has given it up leaves the connection as it is", async () => {
    const { stage, waiting, begin } = await startWaiting(50)
    const session = await openHttp2(stage.port)
    const call = await begin(session)
    call.close(constants.NGHTTP2_CANCEL)
    await new Promise((resolve) => call.once("close", resolve))
    await expectAlive(stage) // the server has seen it

    waiting[0]?.()
    await delay(200)

    expect(session.destroyed).toBe(false)
  })

  test("has its share even if its client gives it up", async () => {
    const { stage, waiting, begin } = await startWaiting()
    const session = await openHttp2(stage.port)
    const call = await begin(session)
    call.close(constants.NGHTTP2_CANCEL)
    await new Promise((resolve) => call.once("close", resolve))

    expect(await statusOf(session, 250_000)).toBe(8)

    waiting[0]?.()
    await begin(session)
  })
})

describe("an answer that is not taken ends with its connection", () => {
  const limits = { answerStallMs: 300 }

  test("however many pings are answered meanwhile", async () => {
    const { port } = await startServer({ ...userPort, limits })
    const socket = await handshake(port, h2)
    const settings = frame(4, 0, Buffer.of(0, 4, 0, 0, 0, 0), 0) // no window for any answer
    const fields = [header(1, "x"), header(4, challenge.path), header(31, "application/grpc")]
    const headers = frame(1, 4, Buffer.concat([Buffer.of(0x83, 0x87), ...fields]))
    socket.write(Buffer.concat([Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), settings, headers]))
    socket.write(frame(0, 1, Buffer.alloc(5)))
    const pings = Buffer.concat(Array.from({ length: 2000 }, () => frame(6, 0, Buffer.alloc(8), 0)))
    const timer = setInterval(() => socket.write(pings), 50)

    await readToEnd(socket)
    clearInterval(timer)
  })

  test("however much is taken of other answers meanwhile", async () => {
    const { server, port } = await startServer({ ...userPort, limits })
    server.addService(UserAPIService, userApi({ getManifests: () => Promise.resolve(answerOf(300_000)) }))
    const session = await openHttp2(port, { initialWindowSize: 65_535 })
    session.setLocalWindowSize(100_000_000)
    const begin = () => {
      const call = session.request(headersOf(UserAPIService.getManifests))
      call.on("error", () => undefined).end(Buffer.alloc(5))
      return call
    }
    await once(begin(), "response") // and nothing of the message

    while (!session.destroyed) {
      const call = begin()
      await new Promise((resolve) => call.resume().once("close", resolve))
    }
  })
})

test("a deadline that comes while an answer is being taken ends the call, and nothing else", async () => {
  const stage = await startServer(userPort)
  stage.server.addService(UserAPIService, userApi({ getManifests: () => Promise.resolve(answerOf(1_000_000)) }))
  const session = await openHttp2(stage.port, { initialWindowSize: 65_535 })
  const call = session.request({ ...headersOf(UserAPIService.getManifests), "grpc-timeout": "50m" })
  call.end(Buffer.alloc(5))
  await once(call, "response")
  await delay(100)

  let received = 0
  call.on("data", (chunk: Buffer) => (received += chunk.length))
  const [trailers] = (await once(call, "trailers")) as [Record<string, string>]

  expect(trailers["grpc-status"]).toBe("4")
  expect(received).toBeLessThan(1_000_000)
  await expectAlive(stage)
})

test("a request that is answered is not kept", async () => {
  const { server, address } = await startServer(userPort)
  const calls: { readonly request: unknown }[] = []
  server.addService(UserAPIService, {
    ...userApi({}),
    getManifests: unaryHandler((call: { readonly request: unknown }) => {
      calls.push(call)
      return Promise.resolve(answerOf(0))
    }),
  })

  await (await connect(address)).call(UserAPIService.getManifests, {})

  expect(calls).toMatchObject([{ request: null }])
})

describe("evidence that nobody waits for any more", () => {
  /** An issuer that never answers, and what became of those who asked. */
  function silentIssuer() {
    const signals: (AbortSignal | undefined)[] = []
    const issue: Issuer["issue"] = (_reportData, signal) => {
      signals.push(signal)
      return new Promise((_resolve, reject) => {
        signal?.addEventListener("abort", () => {
          reject(new Error("aborted"))
        })
      })
    }
    return { signals, issuer: { oid: clientIssuer.oid, issue } }
  }

  const aborted = async (signals: readonly (AbortSignal | undefined)[]) => {
    while (signals.some((signal) => signal?.aborted !== true)) await delay(5)
  }

  test("is not issued when the call has ended, and only for one call of a connection at a time", async () => {
    const { signals, issuer } = silentIssuer()
    const { port } = await startServer({ ...userPort, issuer })
    const session = await openHttp2(port)
    const first = session.request(attestHeaders)
    first.end(attestRequest)
    while (signals.length < 1) await delay(5)

    const second = session.request(attestHeaders)
    second.end(attestRequest)
    const [headers] = (await once(second, "response")) as [Record<string, string>]
    expect([headers["grpc-status"], headers["contrast-error-code"]]).toEqual(["8", "LIMIT"])

    first.close(constants.NGHTTP2_CANCEL)
    await aborted(signals)
    session.request(attestHeaders).end(attestRequest)
    while (signals.length < 2) await delay(5)

    session.destroy()
    await aborted(signals)
  })

  test("is not issued when the client has left the handshake", async () => {
    const { signals, issuer } = silentIssuer()
    const { port } = await startServer({ ...userPort, issuer })
    const socket = await connectRaw(port)
    socket.write(await captureClientHello({ ALPNProtocols: [`atls:v1:nonce:${"00".repeat(32)}`, "h2"] }))
    while (signals.length < 1) await delay(5)

    socket.destroy()

    await aborted(signals)
  })
})

/** A frame of HTTP/2 (RFC 9113 §4.1). */
function frame(type: number, flags: number, payload: Buffer, stream = 1): Buffer {
  return Buffer.concat([Buffer.of(0, 0, payload.length, type, flags, 0, 0, 0, stream), payload])
}

/** A header field that HPACK has a name for (RFC 7541 §6.2.2, name by index below 15 + 128). */
function header(index: number, value: string): Buffer {
  const name = index < 15 ? [index] : [15, index - 15]
  return Buffer.concat([Buffer.of(...name, value.length), Buffer.from(value)])
}

test.each([
  ["of another content type", attestHeaders[":path"], "text/plain"],
  ["of no method", "/nobody/Nothing", "application/grpc"],
])("a call %s that is reset before the client is admitted ends nothing", async (_title, path, contentType) => {
  const slowly = { validate: () => delay(100).then(() => Promise.reject(new Error("worthless evidence"))) }
  const stage = await startServer({ clientEvidence: slowly })
  const key = generateP256Key()
  const evidence = await clientIssuer.issue(new Uint8Array(64))
  const cert = certificatePem(issueAttestedCertificate({ key, now: new Date(), serial: Buffer.alloc(16, 1), evidence }))
  const socket = await handshake(stage.port, {
    ALPNProtocols: [`atls:v1:nonce:${"00".repeat(32)}`, "h2"],
    ...{ key: key.export({ type: "pkcs8", format: "pem" }).toString(), cert },
  })
  const headers = Buffer.concat([Buffer.of(0x83, 0x87), header(1, "x"), header(4, path), header(31, contentType)])
  const settings = Buffer.of(0, 0, 0, 4, 0, 0, 0, 0, 0)
  const preface = Buffer.concat([Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), settings])

  socket.write(Buffer.concat([preface, frame(1, 4, headers), frame(3, 0, Buffer.of(0, 0, 0, 8))]))
  const [answer] = (await once(socket, "data")) as [Buffer]
  await delay(50)

  expect(answer[3]).toBe(4) // the server's settings
  expect(stage.failures).toMatchObject([{ error: { message: "worthless evidence" } }])
})

test("a client that answers no ping is taken for gone", async () => {
  const { port } = await startServer({ ...userPort, limits: { keepaliveMs: 50 } })
  const socket = await handshake(port, h2)
  socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
  socket.write(Buffer.of(0, 0, 0, 4, 0, 0, 0, 0, 0)) // settings, and then nothing any more

  await readToEnd(socket)
})

test("bytes after the handshake that are no HTTP/2 close the connection", async () => {
  const stage = await startServer(userPort)
  const socket = await handshake(stage.port, h2)
  socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n")

  await readToEnd(socket)

  await expectAlive(stage)
})

test("bytes that are no TLS record after the handshake close the connection", async () => {
  const stage = await startServer(userPort)
  const raw = await connectRaw(stage.port)
  const socket = await handshake(0, { ...h2, socket: raw })
  socket.on("error", () => undefined)
  raw.write(Buffer.from("this is not encrypted"))

  await readToEnd(socket)

  await expectAlive(stage)
})

describe("more connections than the limit", () => {
  const limits = { maxConnections: 2 }

  test("take the place of the oldest that says nothing", async () => {
    const { port, address, failures } = await startServer({ limits })
    const [first, second] = [await connectRaw(port), await connectRaw(port)]

    expect((await connect(address)).attested).toBeDefined()

    expect(failures).toMatchObject([{ error: { code: "CLOSED" } }])
    await readToEnd(first)
    expect(second.closed).toBe(false)
  })

  test("take the place of the oldest that has no call open", async () => {
    const { address } = await startServer({ limits })
    const [first, second, third] = [await connect(address), await connect(address), await connect(address)]

    expect([await enrol(third), await enrol(second)]).toEqual([CLIENT_POLICY, CLIENT_POLICY])
    await expect(enrol(first)).rejects.toMatchObject({ code: "UNREACHABLE" })
  })

  test("take the place of the oldest of whose calls no request is complete", async () => {
    const { port, address } = await startServer({ ...userPort, limits })
    const sessions = [await openHttp2(port), await openHttp2(port)]
    for (const session of sessions) {
      for (const bytes of [0, 3]) {
        session
          .request(attestHeaders)
          .on("error", () => undefined)
          .write(attestRequest.subarray(0, bytes))
      }
      await new Promise((resolve) => session.ping(resolve)) // comes after them
    }

    expect((await connect(address)).attested).toBeDefined()

    while (sessions[0]?.destroyed === false) await delay(5)
    expect(sessions[1]?.destroyed).toBe(false)
  })

  test("are told to come again when all have calls open, and may, once another has closed", async () => {
    const { address, failures } = await startServer({ limits })
    const [first, second] = [await connect(address), await connect(address)]
    const calls = [first, second].map((connection) => connection.call(MeshAPIService.recover, {}))
    const ended = Promise.allSettled(calls)
    // Comes after the call before it on the same connection.
    for (const connection of [first, second]) await connection.call(AttestationAPIService.challenge, {})

    await expect(connect(address)).rejects.toMatchObject({ code: "UNREACHABLE" })
    expect(failures).toMatchObject([{ error: { code: "CONNECTION_LIMIT" } }])

    first.close()
    while ((await Promise.allSettled([connect(address)]))[0].status === "rejected") await delay(5)
    second.close()
    await ended
  })
})

test("a listener for failures that throws takes nothing down", async () => {
  const stage = await startServer({
    ...userPort,
    events: {
      handshakeFailed: () => {
        throw new Error("broken listener")
      },
    },
  })
  const socket = await connectRaw(stage.port)
  socket.write("garbage that is long enough")
  await readToEnd(socket)

  await expectAlive(stage)
})

test("a key that cannot be made refuses a connection and nothing else", async () => {
  let broken = true
  const stage = await startServer({
    ...userPort,
    newKey: () => {
      if (broken) throw new Error("no entropy")
      return generateP256Key()
    },
  })

  await expect(connect(stage.address)).rejects.toMatchObject({ code: "UNREACHABLE" })

  broken = false
  await expectAlive(stage)
})
