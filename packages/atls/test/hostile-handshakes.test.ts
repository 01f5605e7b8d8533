import { once } from "node:events"
import { generateP256Key } from "@contrast/crypto"
import { afterEach, describe, expect, test } from "@jest/globals"
import { h2, userPort, expectAlive } from "./support/http2.ts"
import { captureClientHello, connectRaw, handshake, readToEnd } from "./support/raw-tls.ts"
import { clientIssuer, closeAll, connect, startServer } from "./support/stage.ts"

afterEach(closeAll)

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
