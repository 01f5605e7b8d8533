import { expect } from "@jest/globals"
import { encodeHex, openSeedShare } from "@contrast/crypto"
import type { Caller } from "./caller.ts"
import { COORDINATOR, manifestOf, seedshareKey } from "./deployment.ts"

/** Sets manifest after manifest, and knows which of them were acknowledged. */
export class NumberedSets {
  #acknowledged = 0
  #seed: Uint8Array | undefined
  #salt: Uint8Array | undefined

  get acknowledged(): number {
    return this.#acknowledged
  }

  /** Sets the next manifest; the first one brings the seed. */
  async setNext(caller: Caller): Promise<void> {
    const { SeedSharesDoc } = await caller.set({
      Manifest: manifest(this.#acknowledged),
      Policies: [COORDINATOR.bytes],
    })
    this.#acknowledged += 1
    if (SeedSharesDoc === undefined) return
    const { SeedShares, salt } = SeedSharesDoc
    const seedShares = SeedShares.map(({ PublicKey, EncryptedSeed }) => ({
      publicKey: PublicKey,
      encryptedSeed: EncryptedSeed,
    }))
    this.#seed = openSeedShare({ seedShares, salt }, seedshareKey)
    this.#salt = salt
  }

  /** Sets until the Coordinator answers no more. */
  async setUntilFailure(caller: Caller): Promise<void> {
    for (;;) await this.setNext(caller)
  }

  /** Recovers a Coordinator that began anew, and expects of it all that was acknowledged, and at most one set more. */
  async expectRecovered(caller: Caller): Promise<void> {
    if (this.#seed === undefined || this.#salt === undefined) throw new Error("expected a first set")
    await caller.recover({ seed: this.#seed, salt: this.#salt })
    const { Manifests } = await caller.getManifests()
    expect(Manifests.length - this.#acknowledged).toBeGreaterThanOrEqual(0)
    expect(Manifests.length - this.#acknowledged).toBeLessThanOrEqual(1)
    expect(Manifests.map(encodeHex)).toEqual(Manifests.map((_, number) => encodeHex(manifest(number))))
    // A set that was not acknowledged may have happened.
    this.#acknowledged = Manifests.length
  }
}

function manifest(number: number): Uint8Array {
  return manifestOf({ Policies: { [COORDINATOR.hash]: { SANs: [`set-${number}`], Role: "coordinator" } } })
}
