import { X509Certificate } from "node:crypto"
import { afterEach, expect, test } from "@jest/globals"
import { createInsecureIssuer, type Attested, type Evidence } from "@contrast/attestation"
import {
  decodeHex,
  generateP256Key,
  parseCertificatesPem,
  readWorkloadSecretId,
  verifyChain,
  type Certificate,
} from "@contrast/crypto"
import { issueMeshCredentials } from "../../src/state/mesh-certificate.ts"
import { MeshTrust } from "../../src/state/mesh-trust.ts"
import { COORDINATOR, DATABASE, manifestOf, WEB } from "../support/deployment.ts"
import { Labs } from "../support/labs.ts"

const labs = new Labs()
afterEach(() => labs.stop())

test("issues a certificate over the client's key, for the names of the manifest and the address it came from", async () => {
  const lab = await labs.active()
  const key = generateP256Key()

  const answer = await lab.newMeshCert({ key })

  const [leaf, intermediate] = parseCertificatesPem(answer.CertChain)
  const [meshCa] = parseCertificatesPem(answer.MeshCACert)
  const [rootCa] = parseCertificatesPem(answer.RootCACert)
  const x509 = new X509Certificate(certificate(leaf).der)
  expect(x509.checkPrivateKey(key)).toBe(true)
  expect(x509.subject).toBe("CN=web")
  expect(x509.subjectAltName).toBe("DNS:web, IP Address:10.1.2.3, IP Address:127.0.0.1, URI:spiffe://cluster/web")
  const now = new Date()
  verifyChain({ leaf: certificate(leaf), intermediates: [], roots: [certificate(meshCa)], now })
  verifyChain({
    leaf: certificate(leaf),
    intermediates: [certificate(intermediate)],
    roots: [certificate(rootCa)],
    now,
  })
})

test("gives a secret to the workloads that have one, and to no other", async () => {
  const lab = await labs.active()

  const [web, database] = [await lab.newMeshCert(), await lab.newMeshCert({ hostData: DATABASE.hash })]

  expect(web.WorkloadSecret).toHaveLength(0)
  expect(readWorkloadSecretId(certificate(parseCertificatesPem(web.CertChain)[0]))).toBeUndefined()
  const id = "apps/v1/StatefulSet/default/db"
  expect(database.WorkloadSecret).toEqual(lab.state.seedEngine.workloadSecret(id))
  expect(readWorkloadSecretId(certificate(parseCertificatesPem(database.CertChain)[0]))).toBe(id)
})

test("refuses a workload whose policy is gone from the manifest", async () => {
  const lab = await labs.active()
  await lab.newMeshCert()
  const Policies = { [COORDINATOR.hash]: { Role: "coordinator" } }
  await lab.set({ Manifest: manifestOf({ Policies }), Policies: [COORDINATOR.bytes] })

  await expect(lab.newMeshCert()).rejects.toMatchObject({
    code: "POLICY_NOT_FOUND",
    message: `policy hash ${WEB.hash} not found in manifest`,
  })
})

test("counts what did not attest", async () => {
  const lab = await labs.active()

  await lab.newMeshCert({ evidence: "of another challenge" }).catch(() => undefined)

  const metrics = await (await fetch(`http://127.0.0.1:${lab.ports.probe}/metrics`)).text()
  expect(metrics).toContain("contrast_meshapi_attestation_failures_total 1\n")
})

test("drops trust that was given under an earlier manifest", async () => {
  const lab = await labs.active()
  const trust = new MeshTrust(lab.servers.guard, () => new Date(), { attestationFailed: () => undefined })
  const reportData = new Uint8Array(64)
  const evidence: Evidence = await createInsecureIssuer({ hostData: decodeHex(WEB.hash) }).issue(reportData)

  const attested: Attested = await trust.validate(evidence, reportData)

  expect(trust.identify(attested).entry.sans).toContain("web")
  await lab.set()
  expect(() => trust.identify(attested)).toThrow(expect.objectContaining({ code: "MESH_STATE_CHANGED" }))
})

test("tells a workload whose names in the manifest fit into no certificate that it is the manifest", async () => {
  const lab = await labs.active()
  const trust = new MeshTrust(lab.servers.guard, () => new Date(), { attestationFailed: () => undefined })
  const reportData = new Uint8Array(64)
  const evidence = await createInsecureIssuer({ hostData: decodeHex(WEB.hash) }).issue(reportData)
  const peer = trust.identify(await trust.validate(evidence, reportData))
  const [clientCertificate] = parseCertificatesPem((await lab.newMeshCert()).CertChain)
  const enrolment = {
    peer: { ...peer, entry: { ...peer.entry, sans: ["web:80"] } },
    clientCertificate: certificate(clientCertificate),
    remoteAddress: "127.0.0.1",
  }

  expect(() => issueMeshCredentials({ now: () => new Date(), log: lab.logSink.log }, enrolment)).toThrow(
    expect.objectContaining({ code: "POLICY_NAMES", message: expect.stringContaining("web:80") as unknown }),
  )
})

test("hands the seed to Coordinators of the manifest alone", async () => {
  const lab = await labs.active()

  const answer = await lab.meshRecover({ hostData: COORDINATOR.hash })

  const { seedEngine, manifestBytes, authority } = lab.state
  expect(answer.Seed).toEqual(seedEngine.seed)
  expect(answer.Salt).toEqual(seedEngine.salt)
  expect(Buffer.from(answer.LatestManifest)).toEqual(Buffer.from(manifestBytes))
  expect(Buffer.from(answer.MeshCAKey).toString()).toBe(authority.meshCaKey.export({ type: "sec1", format: "pem" }))
  await expect(lab.meshRecover({ hostData: WEB.hash })).rejects.toMatchObject({ code: "ROLE" })
})

function certificate(found: Certificate | undefined): Certificate {
  if (found === undefined) throw new Error("expected a certificate")
  return found
}
