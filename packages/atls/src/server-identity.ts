import { createPublicKey, type KeyObject, randomBytes } from "node:crypto"
import { handshakeReportData, type Issuer } from "@contrast/attestation"
import { type Certificate, issueAcceptableCa, issueAttestedCertificate } from "@contrast/crypto"
import { HandshakeError } from "./error.ts"
import { newNonce } from "./nonce.ts"
import { TlsTerminator } from "./tls-terminator.ts"

/** Certificates live two hours; a connection that begins in the last one may still want to be verified in it. */
const ROTATE_AFTER_MS = 60 * 60 * 1000

const SERIAL_BYTES = 16

/** What the server is in a handshake. */
export interface ServerIdentity {
  readonly terminator: TlsTerminator
  /** DER of the public key of its certificate. */
  readonly subjectPublicKeyInfo: Uint8Array
  /** The nonce that its certificate request carries, for evidence in the client's certificate. */
  readonly serverNonce: Uint8Array | undefined
}

/** What identities are made with. */
export interface IdentityInputs {
  readonly issuer: Issuer
  readonly now: () => Date
  /** Makes the key of one identity. */
  readonly newKey: () => KeyObject
}

/** Makes the identities of a server, and keeps the one that session-bound connections share. */
export class ServerIdentities {
  readonly #inputs: IdentityInputs
  #shared: { readonly identity: ServerIdentity; readonly issuedAt: number } | undefined

  constructor(inputs: IdentityInputs) {
    this.#inputs = inputs
  }

  /** The identity for clients that will ask for evidence over the session; a new one each hour. */
  shared(): ServerIdentity {
    const now = this.#inputs.now()
    const age = now.getTime() - (this.#shared?.issuedAt ?? -Infinity)
    // A clock that was set back must not keep a certificate of the future.
    if (this.#shared === undefined || age > ROTATE_AFTER_MS || age < 0) {
      this.#shared = { identity: this.#plain(now), issuedAt: now.getTime() }
    }
    return this.#shared.identity
  }

  /**
   * The identity for one client that asks for evidence in the handshake.
   *
   * @param signal - The client has gone away.
   * @throws {@link HandshakeError} `EVIDENCE_ISSUING`.
   */
  async attesting(nonce: Uint8Array, signal?: AbortSignal): Promise<ServerIdentity> {
    const { issuer, newKey, now } = this.#inputs
    const key = newKey()
    const subjectPublicKeyInfo = createPublicKey(key).export({ type: "spki", format: "der" })
    const reportData = handshakeReportData({ subjectPublicKeyInfo, nonce })
    const evidence = await issueOrRefuse(() => issuer.issue(reportData, signal))
    const serverNonce = newNonce()
    const certificate = issueAttestedCertificate({ key, evidence, ...dated(now()) })
    const acceptableCa = issueAcceptableCa({ key, nonce: serverNonce, ...dated(now()) })
    return identityOf({ key, certificate, acceptableCa, serverNonce })
  }

  #plain(now: Date): ServerIdentity {
    const key = this.#inputs.newKey()
    return identityOf({ key, certificate: issueAttestedCertificate({ key, ...dated(now) }) })
  }
}

function identityOf({
  serverNonce,
  ...credentials
}: {
  readonly key: KeyObject
  readonly certificate: Certificate
  readonly acceptableCa?: Certificate
  readonly serverNonce?: Uint8Array
}): ServerIdentity {
  const { subjectPublicKeyInfo } = credentials.certificate
  return { terminator: new TlsTerminator(credentials), subjectPublicKeyInfo, serverNonce }
}

async function issueOrRefuse(issue: () => ReturnType<Issuer["issue"]>): ReturnType<Issuer["issue"]> {
  try {
    return await issue()
  } catch (cause) {
    throw new HandshakeError("EVIDENCE_ISSUING", "evidence for the handshake could not be issued", { cause })
  }
}

function dated(now: Date): { readonly now: Date; readonly serial: Uint8Array } {
  return { now, serial: randomBytes(SERIAL_BYTES) }
}
