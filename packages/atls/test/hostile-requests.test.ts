import { once } from "node:events"
import { type ClientHttp2Session, connect as connectHttp2, constants } from "node:http2"
import { setTimeout as delay } from "node:timers/promises"
import { certificatePem, generateP256Key, issueAttestedCertificate } from "@contrast/crypto"
import {
  AttestationAPIService,
  boundedUserApi,
  GetManifestsResponse,
  MeshAPIService,
  type SetManifestRequest,
  SetManifestResponse,
  unaryHandler,
  UserAPIService,
} from "@contrast/protocol"
import { afterEach, describe, expect, test } from "@jest/globals"
import {
  h2,
  userPort,
  expectAlive,
  openHttp2,
  attestHeaders,
  headersOf,
  challenge,
  newMeshCert,
  statusOfUnfinished,
  attestRequest,
  slowly,
  userApi,
  setManifestRequest,
  statusOf,
  largePrefix,
  frame,
  header,
} from "./support/http2.ts"
import { handshake } from "./support/raw-tls.ts"
import { clientIssuer, closeAll, connect, enrol, startServer } from "./support/stage.ts"

afterEach(closeAll)

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
