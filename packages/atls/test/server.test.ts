import { once } from "node:events"
import { setTimeout as delay } from "node:timers/promises"
import { parseCertificate } from "@contrast/crypto"
import { MeshAPIService } from "@contrast/protocol"
import { afterEach, describe, expect, test } from "@jest/globals"
import { createAttestedServer } from "../src/index.ts"
import { connectRaw, handshake, readToEnd } from "./support/raw-tls.ts"
import { closeAll, connect, enrol, now, serverIssuer, startServer } from "./support/stage.ts"

afterEach(closeAll)

const HOUR_MS = 60 * 60 * 1000
const h2 = { ALPNProtocols: ["h2"] }

describe("the shared certificate", () => {
  /** Fingerprints of the certificates shown at these times after the start. */
  async function certificatesAt(...hours: number[]): Promise<readonly string[]> {
    let time = Date.now()
    const start = time
    const { port } = await startServer({ clientEvidence: "none", now: () => new Date(time) })
    const shown: string[] = []
    for (const hour of hours) {
      time = start + hour * HOUR_MS
      const certificate = (await handshake(port, h2)).getPeerX509Certificate()
      const { notBefore, notAfter } = parseCertificate(certificate?.raw ?? new Uint8Array())
      expect(notBefore.getTime()).toBeLessThan(time)
      expect(notAfter.getTime()).toBeGreaterThan(time + 0.9 * HOUR_MS)
      shown.push(certificate?.fingerprint256 ?? "")
    }
    return shown
  }

  test("serves for an hour", async () => {
    expect(new Set(await certificatesAt(0, 0.5, 0.99)).size).toBe(1)
  })

  test("is replaced before it expires, key and all", async () => {
    expect(new Set(await certificatesAt(0, 1.1, 2.2, 24)).size).toBe(4)
  })

  test("is replaced when the clock is set back", async () => {
    expect(new Set(await certificatesAt(0, -3)).size).toBe(2)
  })

  test("carries on for connections that began with the old one", async () => {
    let time = Date.now()
    const { address } = await startServer({ now: () => new Date(time) })
    const before = await connect(address)
    time += 1.5 * HOUR_MS
    const after = await connect(address)

    expect(await enrol(before)).toBe(await enrol(after))
  })
})

describe("closing", () => {
  test("lets open calls end", async () => {
    const answer = Promise.withResolvers<{ CertChain: Uint8Array }>()
    const server = createAttestedServer({ issuer: serverIssuer, clientEvidence: "none", now })
    const asked = Promise.withResolvers<undefined>()
    server.addService(MeshAPIService, {
      newMeshCert: (_call: unknown, respond: (error: null, response: unknown) => void) => {
        asked.resolve(undefined)
        void answer.promise.then((response) => {
          respond(null, {
            MeshCACert: new Uint8Array(),
            RootCACert: new Uint8Array(),
            WorkloadSecret: new Uint8Array(),
            ...response,
          })
        })
      },
      recover: () => undefined,
    })
    const connection = await connect(`127.0.0.1:${await server.listen("127.0.0.1", 0)}`)
    const call = connection.call(MeshAPIService.newMeshCert, { EvidenceType: undefined, Document: undefined })
    await asked.promise

    const closed = server.close(5_000)
    answer.resolve({ CertChain: Uint8Array.of(7) })

    expect(Array.from((await call).CertChain)).toEqual([7])
    await closed
  })

  test("ends calls that take longer than the grace", async () => {
    const { server, address } = await startServer()
    const connection = await connect(address)
    const call = connection.call(MeshAPIService.recover, {})
    const outcome = expect(call).rejects.toMatchObject({ code: "UNREACHABLE" })
    await delay(20)

    const start = performance.now()
    await server.close(100)

    expect(performance.now() - start).toBeLessThan(1_000)
    await outcome
  })

  test("takes no new connections, and drops those in the handshake", async () => {
    const { server, port, address } = await startServer()
    const waiting = await connectRaw(port)
    const gone = readToEnd(waiting)
    await delay(20)

    await server.close(1_000)

    await gone
    await expect(connect(address)).rejects.toMatchObject({ code: "UNREACHABLE" })
  })

  test("a server that never listened is allowed", async () => {
    await createAttestedServer({ issuer: serverIssuer, clientEvidence: "none", now }).close(10)
  })
})

test("a port that is taken is an error of listening", async () => {
  const { port } = await startServer()
  const other = createAttestedServer({ issuer: serverIssuer, clientEvidence: "none", now })

  await expect(other.listen("127.0.0.1", port)).rejects.toMatchObject({ code: "EADDRINUSE" })
})

test("TLS sessions are not resumed: each client proves its key anew", async () => {
  const { port } = await startServer({ clientEvidence: "none" })
  const first = await handshake(port, h2)
  const [session] = (await Promise.race([once(first, "session"), delay(500, [undefined])])) as [Buffer | undefined]

  const second = await handshake(port, { ...h2, ...(session ? { session } : {}) })

  expect(second.isSessionReused()).toBe(false)
})

test("calls of different connections see different sessions", async () => {
  const { address } = await startServer()
  const connections = await Promise.all(Array.from({ length: 8 }, () => connect(address)))

  const answers = await Promise.all(connections.map((connection) => enrol(connection)))

  expect(answers).toHaveLength(8)
})
