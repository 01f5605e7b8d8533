import { createServer, type Socket } from "node:net"
import type { TLSSocket } from "node:tls"
import { issueAttestedCertificate, generateP256Key } from "@contrast/crypto"
import { afterEach, describe, expect, test } from "@jest/globals"
import { type Link, SingleLink } from "../src/client-link.ts"
import { connectRaw, listenLocally } from "./support/raw-tls.ts"
import { closeAll } from "./support/stage.ts"

afterEach(closeAll)

const serverCertificate = issueAttestedCertificate({
  key: generateP256Key(),
  now: new Date(),
  serial: Buffer.alloc(16, 1),
})

/** A link for whoever asks; what it is over does not matter here. */
const linkOver = (socket: Socket): Promise<Link> =>
  Promise.resolve({ socket: socket as unknown as TLSSocket, serverCertificate, handshakeAttested: undefined }) // only passed on

async function openSockets(count: number): Promise<readonly Socket[]> {
  const port = await listenLocally(createServer())
  return Promise.all(Array.from({ length: count }, () => connectRaw(port)))
}

/** What the channel would get for these connections, one after the other. */
async function connectAll(credentials: SingleLink, sockets: readonly Socket[]): Promise<readonly string[]> {
  const connector = credentials._createSecureConnector()
  const outcomes: string[] = []
  for (const socket of sockets) {
    outcomes.push(
      await connector.connect(socket).then(
        () => "connected",
        (error: unknown) => (error instanceof Error ? error.message : "thrown"),
      ),
    )
  }
  return outcomes
}

describe("the credentials of one connection", () => {
  test("connect once, however often the channel asks", async () => {
    const sockets = await openSockets(3)
    const credentials = new SingleLink(linkOver)

    expect(await connectAll(credentials, sockets)).toEqual([
      "connected",
      "the connection was lost",
      "the connection was lost",
    ])
    expect(credentials.link?.socket).toBe(sockets[0])
    expect(sockets.map(({ destroyed }) => destroyed)).toEqual([false, true, true])
  })

  test("let the next address have a try when one fails, and remember the first failure", async () => {
    const sockets = await openSockets(2)
    let attempts = 0
    const credentials = new SingleLink((socket) =>
      attempts++ === 0 ? Promise.reject(new Error("somebody else lives here")) : linkOver(socket),
    )

    expect(await connectAll(credentials, sockets)).toEqual(["somebody else lives here", "connected"])
    expect(credentials.failure).toMatchObject({ message: "somebody else lives here" })
    expect(credentials.link?.socket).toBe(sockets[1])
  })

  test("take the first of two that come at once", async () => {
    const [slow, fast] = await openSockets(2)
    if (slow === undefined || fast === undefined) throw new TypeError("expected two sockets")
    const later = Promise.withResolvers<undefined>()
    const credentials = new SingleLink((socket) =>
      socket === slow ? later.promise.then(() => linkOver(socket)) : linkOver(socket),
    )
    const connector = credentials._createSecureConnector()
    const slowly = connector.connect(slow)

    await connector.connect(fast)
    later.resolve(undefined)

    await expect(slowly).rejects.toMatchObject({ code: "UNREACHABLE" })
    expect(credentials.link?.socket).toBe(fast)
    expect(slow.destroyed).toBe(true)
  })

  test("connect no more once they are destroyed, and close what is open", async () => {
    const sockets = await openSockets(2)
    const credentials = new SingleLink(linkOver)
    await connectAll(credentials, sockets.slice(0, 1))

    credentials.destroy()

    expect(sockets[0]?.destroyed).toBe(true)
    expect(await connectAll(credentials, sockets.slice(1))).toEqual(["the connection was lost"])
  })

  test("connect not at all if they are destroyed first", async () => {
    const credentials = new SingleLink(linkOver)
    credentials.destroy()

    expect(await connectAll(credentials, await openSockets(1))).toEqual(["the connection was closed"])
  })
})
