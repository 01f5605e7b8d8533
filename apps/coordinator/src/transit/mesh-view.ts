import { createPublicKey, randomBytes } from "node:crypto"
import { certificatePem, generateP256Key, issueAttestedCertificate, parseSubjectAltNames } from "@contrast/crypto"
import type { Manifest } from "@contrast/manifest"
import type { State } from "../state/state.ts"
import type { StateGuard } from "../state/state-guard.ts"
import type { ServerCredentials, TransitCoordinator, TransitState } from "./state.ts"

const SERIAL_BYTES = 16

/** Shows the Coordinator's situation to transit: one {@link TransitState} for each state. */
export function createMeshView(guard: StateGuard, now: () => Date): TransitCoordinator {
  const views = new WeakMap<State, TransitState>()
  return {
    availability: () => guard.current().kind,
    state: () => {
      const situation = guard.current()
      if (situation.kind !== "active") return undefined
      const view = views.get(situation.state) ?? createTransitState(situation.state, now)
      views.set(situation.state, view)
      return view
    },
    issueInterimCredentials: () => issueInterimCredentials(now()),
  }
}

function createTransitState({ seedEngine, authority, manifest }: State, now: () => Date): TransitState {
  return {
    deriveTransitKey: (id, version) => seedEngine.transitKey(id, version),
    meshCa: authority.meshCa,
    meshCaPem: authority.meshCaPem,
    issueServerCredentials: () => {
      const key = generateP256Key()
      const subject = { publicKey: createPublicKey(key), names: parseSubjectAltNames(coordinatorNames(manifest)) }
      return { key, certificateChainPem: authority.issueChain(subject, now()) }
    },
  }
}

/** Any Coordinator of the manifest may be the one that is called. */
function coordinatorNames({ policies }: Manifest): readonly string[] {
  const names = [...policies.values()].filter(({ role }) => role === "coordinator").flatMap(({ sans }) => sans)
  return [...new Set(names)]
}

function issueInterimCredentials(now: Date): ServerCredentials {
  const key = generateP256Key()
  const certificate = issueAttestedCertificate({ key, now, serial: randomBytes(SERIAL_BYTES) })
  return { key, certificateChainPem: certificatePem(certificate) }
}
