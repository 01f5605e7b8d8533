import { once } from "node:events"
import { createServer } from "node:net"
import { createServer as createHttp2Server } from "node:http2"
import { AttestationAPIService, type ErrorCode, exitCodeOf, ProtocolError, unaryHandler } from "@contrast/protocol"
import { Server, ServerCredentials, type UntypedHandleCall } from "@grpc/grpc-js"
import { afterEach, describe, expect, test } from "@jest/globals"
import { certificatePem, generateP256Key, issueAttestedCertificate } from "@contrast/crypto"
import { createServer as createTlsServer, type TlsOptions } from "node:tls"
import { listenLocally } from "./support/raw-tls.ts"
import { closeAll, closeLater, connect, startServer } from "./support/stage.ts"

afterEach(closeAll)

/** TLS options of a server that is not ours. */
function foreignTls(): TlsOptions {
  const key = generateP256Key()
  const certificate = issueAttestedCertificate({ key, now: new Date(), serial: Buffer.alloc(16, 1) })
  return { key: key.export({ type: "pkcs8", format: "pem" }), cert: certificatePem(certificate), ALPNProtocols: ["h2"] }
}

/** A gRPC server that does not attest, but may answer. */
async function startPlainGrpc(answer?: UntypedHandleCall): Promise<number> {
  const server = new Server()
  if (answer !== undefined) server.addService(AttestationAPIService, { attest: answer, challenge: answer })
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure())
  closeLater(() => {
    server.forceShutdown()
  })
  const listener = createTlsServer(foreignTls(), (socket) => {
    closeLater(() => {
      socket.destroy()
    })
    injector.injectConnection(socket)
  })
  return listenLocally(listener)
}

/** A server of HTTP/2 that is none of gRPC. */
async function startWebServer(): Promise<number> {
  const http2 = createHttp2Server((_request, response) => {
    response.end("welcome")
  })
  const listener = createTlsServer(foreignTls(), (socket) => {
    closeLater(() => {
      socket.destroy()
    })
    http2.emit("connection", socket)
  })
  return listenLocally(listener)
}

describe("connecting fails with the code that says what to do", () => {
  test.each<[string, "session" | "handshake", () => Promise<number>, string, number]>([
    ["a closed port", "session", () => Promise.resolve(1), "UNREACHABLE", 6],
    ["a closed port", "handshake", () => Promise.resolve(1), "UNREACHABLE", 6],
    ["a server that hangs up", "session", () => listenLocally(createServer((s) => s.destroy())), "UNREACHABLE", 6],
    [
      "a server of plain text",
      "session",
      () => listenLocally(createServer((s) => s.on("error", () => undefined).end("220 mail\r\n"))),
      "NOT_ATTESTING",
      3,
    ],
    [
      "a server of TLS 1.2",
      "session",
      () => listenLocally(createTlsServer({ ...foreignTls(), maxVersion: "TLSv1.2" })),
      "NOT_ATTESTING",
      3,
    ],
    ["a gRPC server without AttestationAPI", "session", () => startPlainGrpc(), "NOT_ATTESTING", 3],
    ["a gRPC server whose certificate has no evidence", "handshake", () => startPlainGrpc(), "NOT_ATTESTING", 3],
    ["a web server", "session", startWebServer, "NOT_ATTESTING", 3],
  ])("%s, mode %s", async (_name, mode, start, code, exit) => {
    const port = await start()

    await expect(connect(`127.0.0.1:${port}`, { mode })).rejects.toMatchObject({ code })
    expect(exitCodeOf(code)).toBe(exit)
  })

  test.each<ErrorCode>(["ALREADY_RECOVERED", "NEEDS_RECOVERY", "CONFLICT", "STORE_FULL", "ATTESTATION"])(
    "a server that says %s in place of evidence",
    async (code) => {
      const port = await startPlainGrpc(
        unaryHandler(() => Promise.reject(new ProtocolError(code, "hint: all is well"))),
      )

      await expect(connect(`127.0.0.1:${port}`)).rejects.toMatchObject({
        code: "NOT_ATTESTING",
        message: "the server does not attest over the session",
      })
    },
  )

  test("a name that nobody has", async () => {
    await expect(connect("name.invalid:1313")).rejects.toMatchObject({ code: "UNREACHABLE" })
  })

  test.each([["session"], ["handshake"], ["unverified"]] as const)("a server that says nothing (%s)", async (mode) => {
    const port = await listenLocally(createServer(() => undefined))

    await expect(connect(`127.0.0.1:${port}`, { mode, timeoutMs: 100 })).rejects.toMatchObject({ code: "TIMEOUT" })
  })

  test("a verification that takes too long", async () => {
    const { address } = await startServer()
    const verify = (): Promise<never> => new Promise(() => undefined)

    await expect(connect(address, { verify, timeoutMs: 200 })).rejects.toMatchObject({ code: "TIMEOUT" })
  })
})

describe("a signal", () => {
  test("gives up connecting", async () => {
    const port = await listenLocally(createServer(() => undefined))

    await expect(connect(`127.0.0.1:${port}`, { signal: AbortSignal.timeout(50) })).rejects.toMatchObject({
      code: "CANCELLED",
    })
  })

  test("that has come before connects nothing", async () => {
    const { address } = await startServer()

    await expect(connect(address, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "CANCELLED" })
  })

  test("ends the connection later", async () => {
    const { address } = await startServer()
    const controller = new AbortController()
    const connection = await connect(address, { signal: controller.signal })

    controller.abort()

    await expect(connection.call(AttestationAPIService.challenge, {})).rejects.toMatchObject({ code: "CANCELLED" })
  })
})

describe("a connection", () => {
  test("is not used after it was closed", async () => {
    const { address } = await startServer()
    const connection = await connect(address)
    connection.close()
    connection.close()

    await expect(connection.call(AttestationAPIService.challenge, {})).rejects.toMatchObject({ code: "CANCELLED" })
  })

  test("that is lost does not come back by itself: who comes next must verify anew", async () => {
    const { server, port, address } = await startServer()
    const connection = await connect(address)
    await server.close(0)
    const received = await countBytes(port)

    for (let attempt = 0; attempt < 3; attempt++) {
      await expect(connection.call(AttestationAPIService.challenge, {})).rejects.toMatchObject({ code: "UNREACHABLE" })
    }

    expect(received()).toBe(0)
  })
})

/** Listens where a server was. */
async function countBytes(port: number): Promise<() => number> {
  let bytes = 0
  const listener = createServer((socket) => {
    socket.on("error", () => undefined).on("data", ({ length }) => (bytes += length))
  })
  listener.listen(port, "127.0.0.1")
  closeLater(() => {
    listener.close()
  })
  await once(listener, "listening")
  return () => bytes
}
