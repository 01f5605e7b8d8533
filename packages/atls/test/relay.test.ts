import { randomBytes, type KeyObject } from "node:crypto"
import { certificatePem, generateP256Key, issueAttestedCertificate } from "@contrast/crypto"
import { afterEach, describe, expect, test } from "@jest/globals"
import { startRelay } from "./support/relay.ts"
import { CLIENT_POLICY, closeAll, connect, enrol, SERVER_POLICY, startServer, type Stage } from "./support/stage.ts"

afterEach(closeAll)

interface RelayedStage extends Stage {
  /** Where the man in the middle waits. */
  readonly relay: string
}

/** A genuine server whose leaf key has leaked, and the man in the middle who has it. */
async function startRelayedServer(): Promise<RelayedStage> {
  const leakedKey = generateP256Key()
  const stage = await startServer({ newKey: () => leakedKey })
  const port = await startRelay({ upstream: stage.port, leakedKey, client: pemOf(generateP256Key()) })
  return { ...stage, relay: `127.0.0.1:${port}` }
}

function pemOf(key: KeyObject): { key: string; cert: string } {
  const certificate = issueAttestedCertificate({ key, now: new Date(), serial: randomBytes(16) })
  return { key: key.export({ type: "pkcs8", format: "pem" }).toString(), cert: certificatePem(certificate) }
}

describe("a man in the middle who holds the server's leaf key and forwards everything", () => {
  test("passes for the server inside the handshake: its evidence covers a key and a nonce, and he has both", async () => {
    const { relay } = await startRelayedServer()

    const connection = await connect(relay, { mode: "handshake" })

    expect(connection.attested?.policyHash).toBe(SERVER_POLICY)
  })

  test("is refused over the session: he is at the end of two sessions, and the evidence is of the other one", async () => {
    const { relay } = await startRelayedServer()

    await expect(connect(relay)).rejects.toMatchObject({ code: "ATTESTATION", cause: { code: "REPORT_DATA" } })
  })

  test("cannot enrol with the evidence of a workload that does not verify the server", async () => {
    const { relay } = await startRelayedServer()
    const victim = await connect(relay, { mode: "unverified" })

    await expect(enrol(victim)).rejects.toMatchObject({ code: "ATTESTATION" })
  })

  test("is not in the way of those who connect directly", async () => {
    const { address } = await startRelayedServer()

    const connection = await connect(address)

    expect(await enrol(connection)).toBe(CLIENT_POLICY)
  })
})
