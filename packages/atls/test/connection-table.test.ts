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

  test("takes no connection that has no remote end any more", () => {
    expect(new ConnectionTable().add(new Socket())).toBe(false)
  })
})
