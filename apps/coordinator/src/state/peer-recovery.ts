import { CoordinatorError } from "../error.ts"
import type { Coordinator } from "./coordinator.ts"
import type { MeshPeer } from "./mesh-trust.ts"
import type { State } from "./state.ts"

/**
 * Hands the state, seed and all, to another Coordinator of the deployment.
 *
 * @throws {@link CoordinatorError} `ROLE` unless the manifest makes the peer a Coordinator.
 */
export function releaseState({ log }: Coordinator, peer: MeshPeer, remoteAddress: string): State {
  const { state, attested, entry } = peer
  if (entry.role !== "coordinator") {
    throw new CoordinatorError("ROLE", `role "" not allowed to recover, it takes the role coordinator`)
  }
  const { policyHash } = attested
  log.audit("the seed was released to a peer", { event: "seed-released", policyHash, peer: remoteAddress })
  return state
}
