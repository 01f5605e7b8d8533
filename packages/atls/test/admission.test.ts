import { once } from "node:events"
import { createServer, type Socket } from "node:net"
import { type Evidence, handshakeReportData } from "@contrast/attestation"
import { certificatePem, generateP256Key, issueAttestedCertificate } from "@contrast/crypto"
import { afterEach, describe, expect, test } from "@jest/globals"
import { admitClient } from "../src/admission.ts"
import type { SecuredConnection } from "../src/handshake.ts"
import { ServerIdentities, type ServerIdentity } from "../src/server-identity.ts"
import { handshake, listenLocally } from "./support/raw-tls.ts"
import { CLIENT_POLICY, clientIssuer, closeAll, now, serverIssuer, validate } from "./support/stage.ts"

afterEach(closeAll)

const identities = new ServerIdentities({ issuer: serverIssuer, now, newKey: generateP256Key })

/** What a client puts into its certificate when it knows the server's nonce. Node cannot, so the test tells it. */
type MakeEvidence = (subjectPublicKeyInfo: Uint8Array) => Promise<Evidence | undefined>

/** The server's end of a connection whose client shows such a certificate. */
async function secured(identity: ServerIdentity, makeEvidence: MakeEvidence): Promise<SecuredConnection> {
  const key = generateP256Key()
  const plain = { key, now: now(), serial: Buffer.alloc(16, 1) }
  const evidence = await makeEvidence(issueAttestedCertificate(plain).subjectPublicKeyInfo)
  const certificate = issueAttestedCertificate({ ...plain, ...(evidence && { evidence }) })

  const listener = createServer()
  const port = await listenLocally(listener)
  const client = handshake(port, {
    ALPNProtocols: ["h2"],
    key: key.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: certificatePem(certificate),
  })
  const [raw] = (await once(listener, "connection")) as [Socket]
  const socket = await identity.terminator.terminate(raw)
  await client
  return { socket, identity }
}

const attestTo =
  (nonce: Uint8Array | undefined): MakeEvidence =>
  (subjectPublicKeyInfo) =>
    clientIssuer.issue(handshakeReportData({ subjectPublicKeyInfo, nonce: nonce ?? new Uint8Array(32) }))

describe("a client that attests inside the handshake", () => {
  test("is known by its policy", async () => {
    const identity = await identities.attesting(new Uint8Array(32))
    const connection = await secured(identity, attestTo(identity.serverNonce))

    const { handshakeAttested, clientCertificate } = await admitClient(connection, { now: now(), validate })

    expect(handshakeAttested?.policyHash).toBe(CLIENT_POLICY)
    expect(clientCertificate?.subjectCommonName).toBe("Contrast")
  })

  test("is refused for the nonce of another handshake", async () => {
    const other = await identities.attesting(new Uint8Array(32))
    const identity = await identities.attesting(new Uint8Array(32))
    const connection = await secured(identity, attestTo(other.serverNonce))

    await expect(admitClient(connection, { now: now(), validate })).rejects.toMatchObject({ code: "REPORT_DATA" })
  })

  test("may do without, and attest over the session", async () => {
    const identity = await identities.attesting(new Uint8Array(32))
    const connection = await secured(identity, () => Promise.resolve(undefined))

    const admission = await admitClient(connection, { now: now(), validate })

    expect(admission.handshakeAttested).toBeUndefined()
    expect(admission.clientCertificate).toBeDefined()
  })

  test("proves nothing where the server gave no nonce", async () => {
    const identity = identities.shared()
    const connection = await secured(identity, attestTo(undefined))

    const admission = await admitClient(connection, { now: now(), validate })

    expect(identity.serverNonce).toBeUndefined()
    expect(admission.handshakeAttested).toBeUndefined()
  })

  test("is not judged where nobody asks for evidence", async () => {
    const identity = await identities.attesting(new Uint8Array(32))
    const connection = await secured(identity, attestTo(undefined))

    const admission = await admitClient(connection, { now: now(), validate: undefined })

    expect(admission.handshakeAttested).toBeUndefined()
    expect(admission.clientCertificate).toBeDefined()
  })
})
