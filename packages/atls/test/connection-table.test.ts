import { Socket } from "node:net"
import { afterEach, describe, expect, test } from "@jest/globals"
import { ConnectionTable } from "../src/connection-table.ts"
import { endpointOf } from "../src/endpoint.ts"
import { connectRaw, listenLocally } from "./support/raw-tls.ts"
import { createServer } from "node:net"
import { closeAll } from "./support/stage.ts"

afterEach(closeAll)

/** A socket as a server sees it. */
async function acceptedSocket(): Promise<Socket> {
  const { promise, resolve } = Promise.withResolvers<Socket>()
  await connectRaw(await listenLocally(createServer(resolve)))
  return promise
}

describe("a table of connections", () => {
  test("knows a connection until it closes", async () => {
    const table = new ConnectionTable()
    const socket = await acceptedSocket()
    const endpoint = endpointOf(socket)

    expect(table.add(socket)).toBe(true)
    table.settle(socket, { kind: "refused", reason: "why" })
    expect(table.refusalOf(endpoint)).toBe("why")
    expect(() => table.sessionOf(endpoint)).toThrow("the connection is gone")

    const closed = new Promise((resolve) => socket.once("close", resolve))
    table.destroy("all")
    await closed
    expect(table.size).toBe(0)
    expect(table.refusalOf(endpoint)).toBeUndefined()
  })

  test("does not take a second connection from the same remote end for the first", async () => {
    const table = new ConnectionTable()
    const socket = await acceptedSocket()
    const impostor = Object.create(socket, { once: { value: () => undefined } }) as Socket // same address and port

    expect(table.add(socket)).toBe(true)
    expect(table.add(impostor)).toBe(false)
    table.settle(impostor, { kind: "refused", reason: "of the impostor" })
    expect(table.refusalOf(endpointOf(socket))).toBeUndefined()
    socket.destroy()
  })

  describe("makes room", () => {
    const settled = { kind: "refused", reason: "why" } as const

    /**
     * Connections in a table: `handshake`, `idle`, or with a call whose request is complete (`open`) or not (`receiving`). Tells
     * which is closed to make room.
     */
    async function leaving(
      ...kinds: readonly ("handshake" | "idle" | "receiving" | "open")[]
    ): Promise<number | undefined> {
      const table = new ConnectionTable()
      const sockets: Socket[] = []
      for (const kind of kinds) {
        const socket = await acceptedSocket()
        sockets.push(socket)
        table.add(socket)
        if (kind !== "handshake") table.settle(socket, settled)
        if (kind === "open" || kind === "receiving") table.beginCall(endpointOf(socket))
        const call = table.beginCall(endpointOf(socket))
        if (kind === "open") call.complete()
        else call.end()
      }
      const hasRoom = table.makeRoom()
      const index = sockets.findIndex(({ destroyed }) => destroyed)
      expect(table.size).toBe(hasRoom ? kinds.length - 1 : kinds.length)
      return index === -1 ? undefined : index
    }

    test("by the oldest that is in the handshake", async () => {
      expect(await leaving("open", "idle", "handshake", "handshake")).toBe(2)
    })

    test("by the oldest without a call when no other is in the handshake", async () => {
      expect(await leaving("open", "idle", "idle")).toBe(1)
    })

    test("by the oldest without a call when few are in the handshake, who may be honest", async () => {
      expect(await leaving("open", "idle", "idle", "idle", "handshake")).toBe(1)
      expect(await leaving("open", "open", "open", "open", "handshake")).toBe(4)
    })

    test("by the oldest of whose calls no request is complete when none is without a call", async () => {
      expect(await leaving("open", "receiving", "receiving")).toBe(1)
      expect(await leaving("receiving", "idle")).toBe(1)
      expect(await leaving("open", "open", "open", "handshake", "receiving")).toBe(4)
    })

    test("by none when all have calls whose requests are complete", async () => {
      expect(await leaving("open", "open")).toBeUndefined()
    })
  })

  test("counts the end of a call once", async () => {
    const table = new ConnectionTable()
    const socket = await acceptedSocket()
    table.add(socket)
    table.settle(socket, { kind: "refused", reason: "why" })
    const call = table.beginCall(endpointOf(socket))
    table.beginCall(endpointOf(socket)).complete()

    call.end()
    call.end()

    expect(table.makeRoom()).toBe(false)
  })

  test("takes no connection that has no remote end any more", () => {
    expect(new ConnectionTable().add(new Socket())).toBe(false)
  })
})
