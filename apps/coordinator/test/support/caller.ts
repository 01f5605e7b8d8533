import type { KeyObject } from "node:crypto"
import { connectAttested, type AttestedConnection } from "@contrast/atls"
import { createInsecureIssuer } from "@contrast/attestation"
import { decodeHex, generateP256Key } from "@contrast/crypto"
import {
  MeshAPIService,
  UserAPIService,
  type GetManifestsResponse,
  type MeshRecoverResponse,
  type NewMeshCertResponse,
  type SetManifestRequest,
  type SetManifestResponse,
} from "@contrast/protocol"
import { COORDINATOR, DATABASE, manifestOf, ownerKey, seedshareKey, WEB } from "./deployment.ts"

const TIMEOUT_MS = 20_000

/** Where a Coordinator listens on this machine. */
export interface Ports {
  readonly user: number
  readonly mesh: number
  readonly probe: number
}

export interface RecoverInput {
  readonly key?: KeyObject | undefined
  readonly seed?: Uint8Array
  readonly salt?: Uint8Array
  readonly force?: boolean
  readonly expectedTransitionHash?: Uint8Array
}

export interface WorkloadInput {
  readonly hostData?: string
  /** `undefined`: no client certificate. */
  readonly key?: KeyObject | undefined
  readonly evidence?: "good" | "none" | "of another challenge"
}

/** Calls to a Coordinator as its users and workloads make them, each on a connection of its own. */
export class Caller {
  readonly ports: Ports

  constructor(ports: Ports) {
    this.ports = ports
  }

  /** Sets a manifest; with the owner's key, the good one and its policies unless the test says otherwise. */
  set(request: Partial<SetManifestRequest> = {}, key: KeyObject = ownerKey): Promise<SetManifestResponse> {
    return this.#set(request, key)
  }

  setWithoutCertificate(): Promise<SetManifestResponse> {
    return this.#set({}, undefined)
  }

  getManifests(): Promise<GetManifestsResponse> {
    return this.#asUser(undefined, (connection) => connection.call(UserAPIService.getManifests, {}))
  }

  recover(input: RecoverInput & Required<Pick<RecoverInput, "seed" | "salt">>): Promise<unknown> {
    const { seed, salt, force = false, expectedTransitionHash } = input
    const key = "key" in input ? input.key : seedshareKey
    const request = { Seed: seed, Salt: salt, Force: force, ExpectedTransitionHash: expectedTransitionHash }
    return this.#asUser(key, (connection) => connection.call(UserAPIService.recover, request))
  }

  newMeshCert(input: WorkloadInput = {}): Promise<NewMeshCertResponse> {
    return this.#asWorkload(input, (connection, evidence) => connection.call(MeshAPIService.newMeshCert, evidence))
  }

  meshRecover(input: WorkloadInput = {}): Promise<MeshRecoverResponse> {
    return this.#asWorkload(input, (connection, evidence) => connection.call(MeshAPIService.recover, evidence))
  }

  #set(request: Partial<SetManifestRequest>, key: KeyObject | undefined): Promise<SetManifestResponse> {
    const good = { Manifest: manifestOf(), Policies: [COORDINATOR.bytes, WEB.bytes, DATABASE.bytes] }
    const whole = { PreviousTransitionHash: undefined, Signature: undefined, ...good, ...request }
    return this.#asUser(key, (connection) => connection.call(UserAPIService.setManifest, whole))
  }

  async #asUser<T>(key: KeyObject | undefined, run: (connection: AttestedConnection) => Promise<T>): Promise<T> {
    const connection = await this.#connect(this.ports.user, key)
    try {
      return await run(connection)
    } finally {
      connection.close()
    }
  }

  async #asWorkload<T>(
    input: WorkloadInput,
    run: (connection: AttestedConnection, evidence: EvidenceFields) => Promise<T>,
  ): Promise<T> {
    const { hostData = WEB.hash, evidence = "good" } = input
    const key = "key" in input ? input.key : generateP256Key()
    const connection = await this.#connect(this.ports.mesh, key)
    try {
      if (evidence === "none" || key === undefined) return await run(connection, NO_EVIDENCE)
      const issuer = createInsecureIssuer({ hostData: decodeHex(hostData) })
      const { oid, document } = await connection.proveClient(issuer)
      if (evidence === "of another challenge") await connection.proveClient(issuer)
      return await run(connection, { EvidenceType: oid, Document: document })
    } finally {
      connection.close()
    }
  }

  #connect(port: number, key: KeyObject | undefined): Promise<AttestedConnection> {
    return connectAttested({
      address: `127.0.0.1:${port}`,
      mode: "unverified",
      timeoutMs: TIMEOUT_MS,
      now: () => new Date(),
      ...(key !== undefined && { key }),
    })
  }
}

interface EvidenceFields {
  readonly EvidenceType: string | undefined
  readonly Document: Uint8Array | undefined
}

const NO_EVIDENCE: EvidenceFields = { EvidenceType: undefined, Document: undefined }
