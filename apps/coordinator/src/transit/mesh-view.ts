import { createPublicKey, randomBytes } from "node:crypto"
import {
  certificatePem,
  deriveTransitKey,
  generateP256Key,
  issueAttestedCertificate,
  parseCertificatesPem,
  parseSubjectAltNames,
} from "@contrast/crypto"
import { issueChain } from "../state/authority.ts"
import type { Situation } from "../state/state-guard.ts"
import { coordinatorNames } from "./coordinator-names.ts"
import type { Notice, ServerCredentials, TransitCoordinator, TransitSecrets, TransitState } from "./state.ts"

const SERIAL_BYTES = 16

/** Tells transit of the Coordinator's situation. */
export function noticeOf(situation: Situation): Notice {
  if (situation.kind !== "active") return { availability: situation.kind }
  const { seedEngine, authority, manifest } = situation.state
  const { meshCaKey, meshCaPem, intermediatePem } = authority
  const names = coordinatorNames(manifest)
  const secrets = { transitRoot: seedEngine.transitRoot, meshCaKey, meshCaPem, intermediatePem, names }
  return { availability: "active", secrets }
}

/** The Coordinator as the latest notice shows it: one {@link TransitState} for each notice. */
export function createMeshView(latest: () => Notice, now: () => Date): TransitCoordinator {
  const views = new WeakMap<Notice, TransitState>()
  return {
    availability: () => latest().availability,
    state: () => {
      const notice = latest()
      if (notice.availability !== "active") return undefined
      const view = views.get(notice) ?? createTransitState(notice.secrets, now)
      views.set(notice, view)
      return view
    },
    issueInterimCredentials: () => issueInterimCredentials(now()),
  }
}

function createTransitState(secrets: TransitSecrets, now: () => Date): TransitState {
  const { transitRoot, meshCaPem, meshCaKey, intermediatePem, names } = secrets
  const [meshCa] = parseCertificatesPem(meshCaPem)
  return {
    deriveTransitKey: (id, version) => deriveTransitKey(transitRoot, id, version),
    meshCa,
    meshCaPem,
    issueServerCredentials: () => {
      const key = generateP256Key()
      const subject = { publicKey: createPublicKey(key), names: parseSubjectAltNames(names) }
      return { key, certificateChainPem: issueChain({ meshCaKey, meshCa, intermediatePem }, subject, now()) }
    },
  }
}

function issueInterimCredentials(now: Date): ServerCredentials {
  const key = generateP256Key()
  const certificate = issueAttestedCertificate({ key, now, serial: randomBytes(SERIAL_BYTES) })
  return { key, certificateChainPem: certificatePem(certificate) }
}
