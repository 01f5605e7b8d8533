import { once } from "node:events"
import { constants } from "node:http2"
import { setTimeout as delay } from "node:timers/promises"
import { type Issuer } from "@contrast/attestation"
import { unaryHandler, UserAPIService } from "@contrast/protocol"
import { afterEach, describe, expect, test } from "@jest/globals"
import {
  h2,
  userPort,
  expectAlive,
  openHttp2,
  attestHeaders,
  headersOf,
  challenge,
  attestRequest,
  userApi,
  answerOf,
  frame,
  header,
} from "./support/http2.ts"
import { captureClientHello, connectRaw, handshake, readToEnd } from "./support/raw-tls.ts"
import { clientIssuer, closeAll, connect, startServer } from "./support/stage.ts"

afterEach(closeAll)

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
