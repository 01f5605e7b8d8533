import { type KeyObject, createPublicKey, randomBytes } from "node:crypto"
import { type AttestedServer, createAttestedServer } from "@contrast/atls"
import { createInsecureIssuer } from "@contrast/attestation"
import {
  certificatePem,
  createSeedEngine,
  decodeHex,
  encodeOwnerPublicKey,
  encodeUtf8,
  equalBytes,
  generateP256Key,
  issueMeshCaCertificate,
  issueRootCertificate,
  sealSeedShares,
} from "@contrast/crypto"
import {
  NO_TRANSITION,
  isSeedshareOwner,
  isWorkloadOwner,
  nextTransition,
  parseManifest,
  transitionHash,
  verifyTransitionSignature,
} from "@contrast/manifest"
import {
  type GetManifestsResponse,
  ProtocolError,
  type SetManifestRequest,
  type SetManifestResponse,
  UserAPIService,
  type UserRecoverRequest,
  unaryHandler,
} from "@contrast/protocol"

/**
 * A Coordinator that is small enough to misbehave on demand: it attests, keeps its history in memory and has the rules
 * that the commands show their users. Everything in it may be changed by a test.
 */
export class StandIn {
  manifests: Uint8Array[] = []
  policies: Uint8Array[] = []
  seed: Uint8Array = randomBytes(64)
  salt: Uint8Array = randomBytes(32)
  needsRecovery = false
  /** What it was asked, in order. */
  readonly requests: (SetManifestRequest | UserRecoverRequest)[] = []
  /** Runs before a manifest is taken; what it throws is answered. */
  beforeSet: () => Promise<void> = () => Promise.resolve()
  /** Changes what it tells of its history. */
  tell: (response: GetManifestsResponse) => GetManifestsResponse = (response) => response
  readonly port: number
  readonly #server: AttestedServer

  private constructor(server: AttestedServer, port: number) {
    this.#server = server
    this.port = port
  }

  /** @param hostData - Hex of the policy hash that it attests. */
  static async start(hostData: string): Promise<StandIn> {
    const issuer = createInsecureIssuer({ hostData: decodeHex(hostData) })
    const server = createAttestedServer({ issuer, clientEvidence: "none", now: () => new Date() })
    const calls: { standIn?: StandIn } = {}
    const standIn = (): StandIn => calls.standIn as StandIn // set before anyone knows the port
    server.addService(UserAPIService, {
      setManifest: unaryHandler((call) => standIn().#set(call.request as SetManifestRequest, keyOf(server, call))),
      getManifests: unaryHandler(() => standIn().#get()),
      recover: unaryHandler((call) => standIn().#recover(call.request as UserRecoverRequest, keyOf(server, call))),
    })
    calls.standIn = new StandIn(server, await server.listen("127.0.0.1", 0))
    return calls.standIn
  }

  get address(): string {
    return `127.0.0.1:${this.port}`
  }

  /** Hashes of all transitions, oldest first. */
  get transitions(): readonly Uint8Array[] {
    const hashes: Uint8Array[] = []
    for (const bytes of this.manifests) {
      hashes.push(transitionHash(nextTransition(bytes, hashes.at(-1) ?? NO_TRANSITION)))
    }
    return hashes
  }

  get latest(): Uint8Array {
    return this.transitions.at(-1) ?? NO_TRANSITION
  }

  async close(): Promise<void> {
    await this.#server.close(0)
  }

  async #set(request: SetManifestRequest, key: Uint8Array | undefined): Promise<SetManifestResponse> {
    this.requests.push(request)
    await this.beforeSet()
    this.#refuseBeforeRecovery()
    const active = this.manifests.at(-1)
    if (active !== undefined) this.#authorise(active, request, key)
    const expected = request.PreviousTransitionHash
    if (expected !== undefined && !equalBytes(expected, this.latest)) {
      throw new ProtocolError("PREVIOUS_TRANSITION", "previous transition hash does not match latest state")
    }
    this.manifests.push(request.Manifest)
    this.policies.push(...request.Policies)
    return { ...this.#ca(), ...(active === undefined && { SeedSharesDoc: this.#shares(request.Manifest) }) }
  }

  #authorise(active: Uint8Array, { Manifest, Signature }: SetManifestRequest, key: Uint8Array | undefined): void {
    if (Signature !== undefined) {
      const next = transitionHash(nextTransition(Manifest, this.latest))
      verifyTransitionSignature(parseManifest(active), next, Signature)
    } else if (key === undefined || !isWorkloadOwner(parseManifest(active), key)) {
      throw new ProtocolError("OWNER_KEY", "validating peer: the key is not a workload owner's")
    }
  }

  #shares(manifest: Uint8Array): NonNullable<SetManifestResponse["SeedSharesDoc"]> {
    const ownerPublicKeys = parseManifest(manifest).seedshareOwnerPubKeys
    const { seedShares, salt } = sealSeedShares({ seed: this.seed, salt: this.salt, ownerPublicKeys })
    return {
      SeedShares: seedShares.map(({ publicKey, encryptedSeed }) => ({
        PublicKey: publicKey,
        EncryptedSeed: encryptedSeed,
      })),
      salt,
    }
  }

  #get(): Promise<GetManifestsResponse> {
    this.#refuseBeforeRecovery()
    if (this.manifests.length === 0) throw new ProtocolError("NO_MANIFEST", "no manifest configured")
    const LatestTransition = { TransitionHash: this.latest, Signature: new Uint8Array(70) }
    return Promise.resolve(
      this.tell({ Manifests: this.manifests, Policies: this.policies, ...this.#ca(), LatestTransition }),
    )
  }

  #recover(request: UserRecoverRequest, key: Uint8Array | undefined): Promise<object> {
    this.requests.push(request)
    const active = this.manifests.at(-1)
    if (active === undefined) throw new ProtocolError("NO_STATE", "no state to recover from")
    if (!this.needsRecovery) throw new ProtocolError("ALREADY_RECOVERED", "coordinator is already recovered")
    if (key === undefined || !isSeedshareOwner(parseManifest(active), key)) {
      throw new ProtocolError("RECOVERY_OWNER", "peer not authorized to recover existing state")
    }
    const expected = request.ExpectedTransitionHash
    if (expected !== undefined && !this.transitions.some((hash) => equalBytes(hash, expected))) {
      throw new ProtocolError("ROLLBACK", "the history lacks the expected transition")
    }
    if (!equalBytes(request.Seed, this.seed) || !equalBytes(request.Salt, this.salt)) {
      throw new ProtocolError("WRONG_SEED", "the seed does not belong to the history")
    }
    this.needsRecovery = false
    return Promise.resolve({})
  }

  #refuseBeforeRecovery(): void {
    if (this.needsRecovery) throw new ProtocolError("NEEDS_RECOVERY", "coordinator is in recovery mode")
  }

  #ca(): { RootCA: Uint8Array; MeshCA: Uint8Array } {
    const options = { now: new Date(), serial: randomBytes(16) }
    const key = createSeedEngine(this.seed, this.salt).rootCaKey
    const root = issueRootCertificate({ key, ...options })
    const mesh = issueMeshCaCertificate({ key: generateP256Key(), ...options })
    return { RootCA: encodeUtf8(certificatePem(root)), MeshCA: encodeUtf8(certificatePem(mesh)) }
  }
}

/** The client's key as manifests name it. */
function keyOf(server: AttestedServer, call: Parameters<AttestedServer["session"]>[0]): Uint8Array | undefined {
  const certificate = server.session(call).clientCertificate
  return certificate && encodeOwnerPublicKey(publicKeyOf(certificate.publicKey))
}

function publicKeyOf(key: KeyObject): KeyObject {
  return key.type === "public" ? key : createPublicKey(key)
}
