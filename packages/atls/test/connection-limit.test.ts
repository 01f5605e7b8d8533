import { setTimeout as delay } from "node:timers/promises"
import { AttestationAPIService, MeshAPIService } from "@contrast/protocol"
import { afterEach, describe, expect, test } from "@jest/globals"
import { userPort, openHttp2, attestHeaders, attestRequest } from "./support/http2.ts"
import { connectRaw, readToEnd } from "./support/raw-tls.ts"
import { CLIENT_POLICY, closeAll, connect, enrol, startServer } from "./support/stage.ts"

afterEach(closeAll)

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
