import type { KeyObject } from "node:crypto"
import { connectAttested, type AttestedConnection } from "@contrast/atls"
import { requireCoordinator, validateEvidence, validatorsFor, type Attested, type Trust } from "@contrast/attestation"
import { parseManifest } from "@contrast/manifest"
import { UserAPIService, type GetManifestsResponse, type SetManifestResponse } from "@contrast/protocol"
import { COORDINATOR, DATABASE, seedshareOwner, workloadOwner } from "./manifest.ts"

const TIMEOUT_MS = 20_000

/** Who owns the played deployment: attests the Coordinator as the CLI does, before anything is sent. */
export class Owner {
  readonly #manifest: Uint8Array
  readonly #trust: Trust

  constructor(manifest: Uint8Array, trust: Trust) {
    this.#manifest = manifest
    this.#trust = trust
  }

  set(address: string): Promise<SetManifestResponse> {
    const request = { Manifest: this.#manifest, Policies: [COORDINATOR.bytes, DATABASE.bytes] }
    return this.#as(workloadOwner, address, (to) =>
      to.call(UserAPIService.setManifest, { ...request, PreviousTransitionHash: undefined, Signature: undefined }),
    )
  }

  verify(address: string): Promise<GetManifestsResponse> {
    return this.#as(undefined, address, (to) => to.call(UserAPIService.getManifests, {}))
  }

  async recover(address: string, secrets: { readonly seed: Uint8Array; readonly salt: Uint8Array }): Promise<void> {
    const request = { Seed: secrets.seed, Salt: secrets.salt, Force: false, ExpectedTransitionHash: undefined }
    await this.#as(seedshareOwner, address, (to) => to.call(UserAPIService.recover, request))
  }

  async #as<Result>(
    key: KeyObject | undefined,
    address: string,
    act: (to: AttestedConnection) => Promise<Result>,
  ): Promise<Result> {
    const manifest = parseManifest(this.#manifest)
    const validators = validatorsFor(manifest, this.#trust)
    const now = () => new Date()
    const connection = await connectAttested({
      ...{ address, mode: "session", timeoutMs: TIMEOUT_MS, now },
      ...(key && { key }),
      verify: async (evidence, reportData): Promise<Attested> => {
        const attested = await validateEvidence(validators, evidence, { reportData, now: now() })
        requireCoordinator(manifest, attested)
        return attested
      },
    })
    try {
      return await act(connection)
    } finally {
      connection.close()
    }
  }
}
