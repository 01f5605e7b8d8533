import { createInsecureIssuer } from "@contrast/attestation"
import { generateSeedshareOwnerKey, generateWorkloadOwnerKey } from "@contrast/crypto"
import { AttestationAPIService, MeshAPIService, ProtocolError } from "@contrast/protocol"
import { afterEach, describe, expect, test } from "@jest/globals"
import { CHALLENGE_TTL_MS } from "../src/index.ts"
import {
  CLIENT_POLICY,
  clientIssuer,
  closeAll,
  connect,
  enrol,
  SERVER_POLICY,
  serverIssuer,
  startServer,
} from "./support/stage.ts"

afterEach(closeAll)

const evidenceFor = { EvidenceType: "1.3.9901.2.99", Document: new Uint8Array(1) }

describe("a client", () => {
  test.each(["session", "handshake"] as const)("knows by mode %s what the server proved", async (mode) => {
    const { address } = await startServer()

    const connection = await connect(address, { mode })

    expect(connection.attested).toMatchObject({ platform: "insecure", policyHash: SERVER_POLICY })
  })

  test.each(["session", "handshake", "unverified"] as const)("enrols in mode %s", async (mode) => {
    const { address } = await startServer()

    const connection = await connect(address, { mode })

    expect(await enrol(connection)).toBe(CLIENT_POLICY)
  })

  test("connects by name", async () => {
    const { port } = await startServer()

    const { attested } = await connect(`localhost:${port}`)

    expect(attested?.policyHash).toBe(SERVER_POLICY)
  })

  test.each([
    ["a workload owner's P-384 key", () => Promise.resolve(generateWorkloadOwnerKey())],
    ["a seed share owner's RSA key", generateSeedshareOwnerKey],
  ])("may show %s", async (_name, makeKey) => {
    const { address } = await startServer()

    const connection = await connect(address, { key: await makeKey() })

    expect(await enrol(connection)).toBe(CLIENT_POLICY)
  })

  test("needs no key on a port that takes no evidence", async () => {
    const { address } = await startServer({ clientEvidence: "none" })

    const connection = await connect(address, { key: "none" })

    expect(connection.attested?.policyHash).toBe(SERVER_POLICY)
    await expect(connection.proveClient(clientIssuer)).rejects.toBeInstanceOf(TypeError)
  })
})

describe("the server is refused", () => {
  test("when its policy is not what the client wants", async () => {
    const { address } = await startServer()
    const verify = (): Promise<never> => Promise.reject(new RangeError("no collateral"))

    await expect(connect(address, { verify })).rejects.toThrow("no collateral")
  })

  test.each(["session", "handshake"] as const)("when its evidence is of something else (%s)", async (mode) => {
    const issuer = { ...serverIssuer, issue: () => serverIssuer.issue(new Uint8Array(64)) }
    const { address } = await startServer({ issuer })

    const refusal = connect(address, { mode })

    await expect(refusal).rejects.toMatchObject({
      code: "ATTESTATION",
      cause: {
        code: "REPORT_DATA",
        verdicts: [{ checks: [{ id: "HOST_DATA" }, { subject: "document.reportData", outcome: "fail" }] }],
      },
    })
  })

  test("when it cannot issue evidence", async () => {
    const issuer = { ...serverIssuer, issue: () => Promise.reject(new Error("secret of the hardware")) }
    const { address, failures } = await startServer({ issuer })

    await expect(connect(address)).rejects.toMatchObject({ code: "INTERNAL", message: "internal error" })
    await expect(connect(address, { mode: "handshake" })).rejects.toMatchObject({ code: "NOT_ATTESTING" })
    expect(failures).toMatchObject([{ remoteAddress: "127.0.0.1", error: { code: "EVIDENCE_ISSUING" } }])
  })

  test("when the clock says that its certificate is not valid", async () => {
    const { address } = await startServer()
    const later = (): Date => new Date(Date.now() + 3 * 60 * 60 * 1000)

    await expect(connect(address, { now: later, key: "none" })).rejects.toMatchObject({
      code: "NOT_ATTESTING",
      cause: { code: "CERTIFICATE_EXPIRED" },
    })
  })
})

describe("a challenge", () => {
  test("is good for one answer", async () => {
    const { address } = await startServer()
    const connection = await connect(address)
    const { oid, document } = await connection.proveClient(clientIssuer)
    const ask = (): Promise<unknown> =>
      connection.call(MeshAPIService.newMeshCert, { EvidenceType: oid, Document: document })

    await ask()

    await expect(ask()).rejects.toMatchObject({ code: "CHALLENGE" })
  })

  test("is used up by a wrong answer too", async () => {
    const { address } = await startServer()
    const connection = await connect(address)
    const { oid, document } = await connection.proveClient(clientIssuer)

    await expect(connection.call(MeshAPIService.newMeshCert, evidenceFor)).rejects.toMatchObject({
      code: "ATTESTATION",
    })

    await expect(
      connection.call(MeshAPIService.newMeshCert, { EvidenceType: oid, Document: document }),
    ).rejects.toMatchObject({ code: "CHALLENGE" })
  })

  test("expires", async () => {
    let time = Date.now()
    const { address } = await startServer({ now: () => new Date(time) })
    const connection = await connect(address)
    const { oid, document } = await connection.proveClient(clientIssuer)

    time += CHALLENGE_TTL_MS + 1

    await expect(
      connection.call(MeshAPIService.newMeshCert, { EvidenceType: oid, Document: document }),
    ).rejects.toMatchObject({ code: "CHALLENGE", message: "the challenge has expired" })
  })

  test("of one connection is not answered on another, even by the same key", async () => {
    const { address } = await startServer()
    const key = generateWorkloadOwnerKey()
    const [one, other] = [await connect(address, { key }), await connect(address, { key })]
    const { oid, document } = await one.proveClient(clientIssuer)
    const answer = { EvidenceType: oid, Document: document }

    await expect(other.call(MeshAPIService.newMeshCert, answer)).rejects.toMatchObject({ code: "CHALLENGE" })
    await other.call(AttestationAPIService.challenge, {})
    await expect(other.call(MeshAPIService.newMeshCert, answer)).rejects.toMatchObject({ code: "ATTESTATION" })
  })

  test("of an older call is void once there is a newer one", async () => {
    const { address } = await startServer()
    const connection = await connect(address)
    const { oid, document } = await connection.proveClient(clientIssuer)
    await connection.call(AttestationAPIService.challenge, {})

    await expect(
      connection.call(MeshAPIService.newMeshCert, { EvidenceType: oid, Document: document }),
    ).rejects.toMatchObject({ code: "ATTESTATION" })
  })
})

describe("a client is refused", () => {
  test("with a status, when it has no certificate but needs one", async () => {
    const { address, failures } = await startServer()

    await expect(connect(address, { key: "none" })).rejects.toMatchObject({ code: "CLIENT_CERTIFICATE" })
    expect(failures).toMatchObject([{ error: { code: "CLIENT_CERTIFICATE" } }])
  })

  test("with a status, when its certificate is not valid", async () => {
    const { address } = await startServer()
    const times = [Date.now() - 3 * 60 * 60 * 1000]

    // The client's clock is wrong while it makes its certificate, and right while it reads the server's.
    const connection = connect(address, { now: () => new Date(times.pop() ?? Date.now()) })

    await expect(connection).rejects.toMatchObject({
      code: "CLIENT_CERTIFICATE",
      message: "the client certificate is not valid",
    })
  })

  test("when its evidence is of a key that is not the connection's", async () => {
    const { address } = await startServer()
    const connection = await connect(address)
    const foreign = createInsecureIssuer({ hostData: new Uint8Array(32) })

    await expect(
      enrol(connection, { ...foreign, issue: () => foreign.issue(new Uint8Array(64)) }),
    ).rejects.toMatchObject({ code: "ATTESTATION" })
  })

  test.each([0, 31, 33])("when it asks with a nonce of %d bytes", async (size) => {
    const { address } = await startServer()
    const connection = await connect(address)

    await expect(connection.call(AttestationAPIService.attest, { Nonce: new Uint8Array(size) })).rejects.toMatchObject({
      code: "REQUEST",
    })
  })

  test("with the coded error that judging its evidence threw", async () => {
    const refuse = (): Promise<never> => Promise.reject(new ProtocolError("NEEDS_RECOVERY", "no state"))
    const { address } = await startServer({ clientEvidence: { validate: refuse } })
    const connection = await connect(address)

    await expect(enrol(connection)).rejects.toMatchObject({ code: "NEEDS_RECOVERY", message: "no state" })
  })
})
