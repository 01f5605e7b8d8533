/** Obtains certificates and the workload secret from the Coordinator. */
import { createPublicKey, type KeyObject } from "node:crypto"
import { setTimeout as delay } from "node:timers/promises"
import { connectAttested } from "@contrast/atls"
import type { Issuer } from "@contrast/attestation"
import { generateP256Key, parseCertificatesPem, verifyChain } from "@contrast/crypto"
import { MeshAPIService, type NewMeshCertResponse } from "@contrast/protocol"
import { backOffMs } from "./back-off.ts"
import { requireSameDeployment } from "./continuity.ts"
import { findCode, InitializerError, reasonOf } from "./error.ts"
import type { Credentials } from "./files.ts"
import type { Log } from "./log.ts"

export interface EnrollOptions {
  /** The Coordinator's mesh API, `host:port`. It is not attested here: who talks to this workload verifies it. */
  readonly coordinator: string
  /** The root CA that an earlier start was given, PEM: no other deployment's certificates are taken. */
  readonly earlierRootCa?: Uint8Array | undefined
  /** Gives what makes this workload's evidence; asked again for each attempt. */
  readonly issuer: () => Promise<Issuer>
  readonly stop: AbortSignal
  readonly log: Log
}

/** Of the established implementation's shortest seed; what is derived from ours has 64. */
const MIN_SECRET_BYTES = 32
const ATTEMPT_TIMEOUT_MS = 30_000

/**
 * Tries to enrol until it succeeds or is stopped.
 *
 * Every refusal is tried again: a manifest that names this workload may still be set, and a Coordinator recovered.
 *
 * @throws {@link InitializerError} `STOPPED`.
 */
export async function enroll(options: EnrollOptions): Promise<Credentials> {
  for (let attempt = 1; !options.stop.aborted; attempt++) {
    try {
      return await enrollOnce(options)
    } catch (error) {
      await waitAfter(attempt, error, options)
    }
  }
  throw new InitializerError("STOPPED", "stopped before the Coordinator issued a certificate")
}

async function enrollOnce({ coordinator, issuer, earlierRootCa, stop }: EnrollOptions): Promise<Credentials> {
  const key = generateP256Key()
  const connection = await connectAttested({
    address: coordinator,
    key,
    mode: "unverified",
    timeoutMs: ATTEMPT_TIMEOUT_MS,
    signal: stop,
    now: () => new Date(),
  })
  try {
    const { oid, document } = await connection.proveClient(await issuer())
    const request = { EvidenceType: oid, Document: document }
    const credentials = toCredentials(key, await connection.call(MeshAPIService.newMeshCert, request))
    if (earlierRootCa !== undefined) requireSameDeployment(earlierRootCa, credentials, new Date())
    return credentials
  } finally {
    connection.close()
  }
}

async function waitAfter(attempt: number, error: unknown, { coordinator, stop, log }: EnrollOptions): Promise<void> {
  if (stop.aborted) return
  const delayMs = backOffMs(attempt, Math.random())
  log.warn("no certificate yet; trying again", {
    coordinator,
    attempt,
    delayMs,
    code: findCode(error),
    reason: reasonOf(error),
  })
  await delay(delayMs, undefined, { signal: stop }).catch(() => undefined) // the loop sees that it was stopped
}

/** A certificate that is not for our key, or does not chain up, would only fail later and elsewhere. */
function toCredentials(key: KeyObject, answer: NewMeshCertResponse): Credentials {
  try {
    verifyAnswer(key, answer, new Date())
  } catch (cause) {
    throw new InitializerError("ANSWER", "the Coordinator's certificates do not hold together", { cause })
  }
  const secretBytes = answer.WorkloadSecret.length
  if (secretBytes > 0 && secretBytes < MIN_SECRET_BYTES) {
    throw new InitializerError(
      "ANSWER",
      `expected a workload secret of ${MIN_SECRET_BYTES} bytes or none, got ${secretBytes}`,
    )
  }
  return {
    keyPem: key.export({ type: "pkcs8", format: "pem" }).toString(),
    certificateChain: answer.CertChain,
    meshCa: answer.MeshCACert,
    rootCa: answer.RootCACert,
    workloadSecret: answer.WorkloadSecret,
  }
}

function verifyAnswer(key: KeyObject, { CertChain, MeshCACert, RootCACert }: NewMeshCertResponse, now: Date): void {
  const [leaf, ...intermediates] = parseCertificatesPem(CertChain)
  if (!leaf.publicKey.equals(createPublicKey(key))) throw new RangeError("the certificate is for another key")
  verifyChain({ leaf, intermediates: [], roots: parseCertificatesPem(MeshCACert), now })
  verifyChain({ leaf, intermediates, roots: parseCertificatesPem(RootCACert), now })
}
