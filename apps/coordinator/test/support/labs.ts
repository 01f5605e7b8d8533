import type { RecoverInput } from "./caller.ts"
import { manifestOf } from "./deployment.ts"
import { Lab, type LabOptions } from "./lab.ts"
import { MemoryStore } from "./memory-store.ts"

/** Starts Coordinators and stops them all. */
export class Labs {
  readonly #started: Lab[] = []

  /** Nothing was ever set. */
  async fresh(options?: LabOptions): Promise<Lab> {
    const lab = await Lab.start(options)
    this.#started.push(lab)
    return lab
  }

  /** A first manifest is in force. */
  async active(differences: Readonly<Record<string, unknown>> = {}, options?: LabOptions): Promise<Lab> {
    const lab = await this.fresh(options)
    await lab.set({ Manifest: manifestOf(differences) })
    return lab
  }

  /** A first manifest was set, and then the Coordinator began anew. */
  async restarted(differences: Readonly<Record<string, unknown>> = {}, options?: LabOptions): Promise<Restarted> {
    const store = new MemoryStore()
    const before = await this.active(differences, { store })
    const { seed, salt } = before.state.seedEngine
    const lab = await this.fresh({ store, ...options })
    return { lab, store, recover: (input) => lab.recover({ seed, salt, ...input }) }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#started.splice(0).map((lab) => lab.stop()))
  }
}

export interface Restarted {
  readonly lab: Lab
  readonly store: MemoryStore
  /** Recovers with the right seed and key, unless the test says otherwise. */
  readonly recover: (input?: RecoverInput) => Promise<unknown>
}
