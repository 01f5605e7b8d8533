import { once } from "node:events"
import { connect } from "node:net"
import { text } from "node:stream/consumers"
import { afterEach, expect, test } from "@jest/globals"
import { Labs } from "./support/labs.ts"
import type { Lab } from "./support/lab.ts"

const labs = new Labs()
afterEach(() => labs.stop())

test.each([
  ["before the first manifest", () => labs.fresh(), 503],
  ["with a manifest", () => labs.active(), 200],
  ["when it needs recovery", async () => (await labs.restarted()).lab, 503],
])("is alive, and ready or not: %s", async (_when, start, ready) => {
  const lab = await start()

  expect(await get(lab, "/probe/startup")).toBe(200)
  expect(await get(lab, "/probe/liveness")).toBe(200)
  expect(await get(lab, "/probe/readiness")).toBe(ready)
})

test.each([
  ["GET", "/", 404],
  ["GET", "/probe/readiness/", 404],
  ["POST", "/probe/readiness", 405],
  ["DELETE", "/metrics", 405],
  ["HEAD", "/metrics", 200],
])("answers %s %s with %i", async (method, path, status) => {
  const lab = await labs.fresh()

  expect(await get(lab, path, method)).toBe(status)
})

test("survives garbage", async () => {
  const lab = await labs.fresh()
  const socket = connect(lab.ports.probe, "127.0.0.1")

  socket.write(Buffer.alloc(100_000, 0xff))
  await new Promise((resolve) =>
    socket
      .on("error", () => undefined)
      .on("close", resolve)
      .resume(),
  )

  expect(await get(lab, "/probe/liveness")).toBe(200)
})

test("answers while others hold as many connections as they can", async () => {
  const lab = await labs.fresh()
  const connections = Array.from({ length: 600 }, () => connect(lab.ports.probe, "127.0.0.1"))
  const closed = connections.map((socket) => once(socket.on("error", () => undefined).resume(), "close"))
  await Promise.all(connections.map((socket) => once(socket, "connect")))

  expect(await get(lab, "/probe/liveness")).toBe(200)
  expect(connections.filter(({ destroyed }) => !destroyed).length).toBeGreaterThan(500)

  for (const socket of connections) socket.destroy()
  await Promise.all(closed)
})

test("answers once on a connection", async () => {
  const lab = await labs.fresh()
  const socket = connect(lab.ports.probe, "127.0.0.1")

  socket.write("GET /probe/liveness HTTP/1.1\r\nHost: coordinator\r\n\r\n")
  const answer = await text(socket) // which ends, although the client does not

  expect(answer).toMatch(/^HTTP\/1\.1 200 /)
})

async function get({ ports }: Lab, path: string, method = "GET"): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${ports.probe}${path}`, { method })
  await response.arrayBuffer()
  return response.status
}
