import { createPublicKey, randomBytes } from "node:crypto"
import {
  type Authority,
  type IssueOptions,
  createSeedEngine,
  generateP256Key,
  issueIntermediateCertificate,
  issueLeafCertificate,
  issueMeshCaCertificate,
  issueRootCertificate,
  parseSubjectAltNames,
} from "../../src/index.ts"

export const now = new Date("2026-11-22T12:00:00.500Z")
export const seed = Uint8Array.from({ length: 64 }, (_, index) => index)
export const salt = Uint8Array.from({ length: 32 }, (_, index) => 64 + index)

/** The time of all test certificates, and a new serial each time. */
export function options(): IssueOptions {
  return { now, serial: randomBytes(16) }
}

export const engine = createSeedEngine(seed, salt)
export const root: Authority = {
  key: engine.rootCaKey,
  certificate: issueRootCertificate({ key: engine.rootCaKey, ...options() }),
}
const meshKey = generateP256Key()
export const meshCa: Authority = {
  key: meshKey,
  certificate: issueMeshCaCertificate({ key: meshKey, ...options() }),
}
export const intermediate = issueIntermediateCertificate({
  root,
  meshPublicKey: createPublicKey(meshKey),
  ...options(),
})
export const leafKey = generateP256Key()
export const leaf = issueLeafCertificate({
  meshCa,
  publicKey: leafKey,
  names: parseSubjectAltNames(["web", "*", "10.1.2.3", "fd00::1", "spiffe://cluster.local/ns/default/sa/web"]),
  workloadSecretId: "apps/v1/Deployment/default/web",
  ...options(),
})
