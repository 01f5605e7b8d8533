import type { KeyObject } from "node:crypto"
import type { Certificate } from "@contrast/crypto"
import type { Availability } from "./health.ts"
import type { DeriveTransitKey } from "./keys.ts"

/** A key with its certificate chain, leaf first. */
export interface ServerCredentials {
  readonly key: KeyObject
  readonly certificateChainPem: string
}

/** What transit needs of the Coordinator's state; a new manifest or a recovery makes a new one. */
export interface TransitState {
  readonly deriveTransitKey: DeriveTransitKey
  readonly meshCa: Certificate
  readonly meshCaPem: string
  /** Issues a certificate of the mesh for this server. */
  issueServerCredentials(): ServerCredentials
}

/** The Coordinator as transit sees it. */
export interface TransitCoordinator {
  availability(): Availability
  /** The state to serve from; absent unless `availability` is `active`. */
  state(): TransitState | undefined
  /** A self-signed certificate, for saying over TLS that there is no state yet. */
  issueInterimCredentials(): ServerCredentials
}
