import { randomBytes } from "node:crypto"
import { connect as connectHttp2 } from "node:http2"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import { deployed } from "../src/deployed.ts"
import { abuseHttps, dripUntilClosed, openTls, sendUntilClosed, vanish } from "../src/port-abuse.ts"
import { type Scene, succeeded } from "../src/story/scene.ts"
import { TransitClient, type TransitReply } from "../src/transit-client.ts"

const MEBIBYTE = 1024 * 1024
/** Longer than the Coordinator waits for a connection to say something of use. */
const PATIENCE_MS = 75_000
/** How long the transit port is abused while a workload uses it. */
const ABUSE_MS = 5000
/** An answer takes a millisecond; this test's own handshakes share the machine with it, and so may other tests. */
const BEARABLE_MS = 2000
const SET_MANIFEST = {
  ":method": "POST",
  ":path": "/edgelesssys.contrast.userapi.UserAPI/SetManifest",
  "content-type": "application/grpc",
  te: "trailers",
}

/** A TLS record of handshake type that claims a length. */
const record = (length: number, body: Uint8Array) =>
  Buffer.concat([Buffer.from([22, 3, 1, length >> 8, length & 255]), body])

const greedyHello = Buffer.concat([Buffer.from([1, 255, 255, 255]), Buffer.alloc(0x3ffc)])
const slowHello = Buffer.concat([Buffer.from([1, 0, 1, 252, 3, 3]), randomBytes(506)])

const GARBAGE: readonly (readonly [string, Buffer])[] = [
  ["random bytes", randomBytes(4096)],
  ["nothing but zeros", Buffer.alloc(4096)],
  ["plain HTTP", Buffer.from("GET / HTTP/1.1\r\nHost: coordinator\r\n\r\n")],
  ["HTTP/2 without TLS", Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0")],
  ["a TLS record of the largest length, filled with noise", record(0x4000, randomBytes(0x4000))],
  ["a TLS record longer than TLS allows", record(0xffff, randomBytes(0xffff))],
  ["a ClientHello that claims 16 MiB", record(0x4000, greedyHello)],
  ["thousands of empty TLS records", Buffer.concat(Array.from({ length: 5000 }, () => record(0, Buffer.alloc(0))))],
  ["a TLS alert", Buffer.from([21, 3, 3, 0, 2, 2, 40])],
  ["half a ClientHello, and then nothing", record(512, slowHello.subarray(0, 200))],
  ["ten mebibytes of noise", randomBytes(10 * MEBIBYTE)],
]

describe("bad connections to a running Coordinator", () => {
  let scene: Scene
  /** What came back on the user, mesh and transit port before they closed; undefined where one did not close. */
  let answers: ReadonlyMap<string, readonly (Buffer | undefined)[]>
  /** How long connections that drip were borne, on every port. */
  let drips: readonly (number | undefined)[]

  const grpcPorts = () => [scene.coordinator.userPort, scene.coordinator.meshPort]
  const tlsPorts = () => [...grpcPorts(), scene.coordinator.transitPort]
  const allPorts = () => [...tlsPorts(), scene.coordinator.probePort]

  // Some of these end by the Coordinator's own time limit, so they all run at once.
  beforeAll(async () => {
    scene = await deployed()
    const sending = GARBAGE.map(async ([name, bytes]) => {
      const answer = await Promise.all(tlsPorts().map((port) => sendUntilClosed(port, bytes, PATIENCE_MS)))
      return [name, answer] as const
    })
    const dripping = allPorts().map((port) => dripUntilClosed(port, record(512, slowHello), 200, PATIENCE_MS))
    answers = new Map(await Promise.all(sending))
    drips = await Promise.all(dripping)
  }, 150_000)
  afterAll(() => scene.stage.close())

  const expectServing = async (): Promise<void> => {
    expect((await scene.contrast("verify")).exitCode).toBe(0)
    expect(await scene.coordinator.isReady()).toBe(true)
  }

  test("goes on serving", () => expectServing())

  test.each(GARBAGE.map(([name]) => name))("closes every TLS port on %s, with an alert at most", (name) => {
    expect(answers.get(name)).toHaveLength(3)
    for (const answer of answers.get(name) ?? []) {
      expect(answer).toBeDefined()
      expect(answer?.length).toBeLessThan(100)
    }
  })

  test("ends connections that drip, on every port", () => {
    expect(drips).toHaveLength(4)
    for (const elapsedMs of drips) expect(elapsedMs).toBeDefined()
  })

  test("answers noise on the probe port with an error and closes", async () => {
    const answer = await sendUntilClosed(scene.coordinator.probePort, randomBytes(4096), PATIENCE_MS)

    expect(answer?.toString("latin1")).toMatch(/^(HTTP\/1.1 400 |$)/)
  }, 80_000)

  test("refuses an endless header on the probe port", async () => {
    const endless = Buffer.from(`GET /probe/readiness HTTP/1.1\r\nX: ${"x".repeat(MEBIBYTE)}`)

    const answer = await sendUntilClosed(scene.coordinator.probePort, endless, PATIENCE_MS)

    expect(answer?.toString("latin1")).toMatch(/^(HTTP\/1.1 431 |$)/)
  }, 80_000)

  test("survives clients that vanish before, during and after the handshake", async () => {
    for (const port of allPorts()) {
      await vanish(port, 100, () => undefined)
      await vanish(port, 100, (socket) => socket.write(record(512, randomBytes(100))))
    }
    for (const port of grpcPorts()) {
      const sockets = await Promise.all(Array.from({ length: 20 }, () => openTls(port)))
      for (const socket of sockets) socket.destroy()
    }

    await expectServing()
  })

  test("answers a workload on the transit port in good time while strangers abuse it", async () => {
    const pod = scene.newPod("web")
    succeeded(await pod.initialize(scene.coordinator.meshAddress))
    const client = await TransitClient.create(pod, scene.coordinator.transitPort)
    const callOften = async (): Promise<readonly TransitReply[]> => {
      const replies: TransitReply[] = []
      for (let call = 0; call < 200; call += 1) replies.push(await client.encrypt("apps/v1/Deployment/default/web"))
      return replies
    }
    const before = await callOften()
    let isOver = false
    const abuse = abuseHttps(scene.coordinator.transitPort, () => isOver)

    const during: TransitReply[] = []
    const until = performance.now() + ABUSE_MS
    while (performance.now() < until) during.push(...(await callOften()))
    isOver = true
    const rounds = await abuse
    client.close()

    expect(rounds).toBeGreaterThan(1)
    expect(new Set([...before, ...during].map(({ status }) => status))).toEqual(new Set([200]))
    const slowest = (replies: readonly TransitReply[]) => Math.max(...replies.map(({ elapsedMs }) => elapsedMs))
    expect(slowest(before)).toBeLessThan(BEARABLE_MS)
    expect(slowest(during)).toBeLessThan(BEARABLE_MS)
  }, 60_000)

  test("survives clients that vanish in the middle of a call", async () => {
    for (let round = 0; round < 20; round += 1) {
      const { session, call } = beginCall()
      call.write(Buffer.from([0, 0, 1, 0, 0, 1, 2, 3])) // a message of 64 KiB, of which three bytes come
      await new Promise((resolve) => setTimeout(resolve, 5))
      session.destroy()
    }

    await expectServing()
  })

  test("refuses a message that is too large without taking it in", async () => {
    const before = await scene.coordinator.residentBytes()
    const { session, call } = beginCall()
    const status = new Promise<unknown>((resolve) => {
      const tell = (headers: Readonly<Record<string, unknown>>): void => {
        if (headers["grpc-status"] !== undefined) resolve(headers["grpc-status"])
      }
      call.on("response", tell).on("trailers", tell)
      call.on("close", () => {
        resolve("closed")
      })
    })
    call.write(Buffer.concat([Buffer.from([0, 0x7f, 0xff, 0xff, 0xff]), randomBytes(MEBIBYTE)]))

    expect(["8", "closed"]).toContain(await status)
    session.destroy()
    await expectServing()
    expect((await scene.coordinator.residentBytes()) - before).toBeLessThan(200 * MEBIBYTE)
  })

  test("logs no error and no stack trace for any of it", () => {
    const { log } = scene.coordinator.service

    expect(log.filter((line) => line["stack"] !== undefined)).toEqual([])
    expect(log.filter((line) => line["level"] === "error")).toEqual([])
  })

  function beginCall() {
    const session = connectHttp2(`https://${scene.coordinator.userAddress}`, { rejectUnauthorized: false })
    session.on("error", () => undefined) // either side may end it
    const call = session.request(SET_MANIFEST)
    call.on("error", () => undefined)
    return { session, call }
  }
})
