import type { KeyObject } from "node:crypto"
import type { Certificate, TransitRoot } from "@contrast/crypto"
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

/** What a {@link TransitState} is made from, in a form that another thread can be given. */
export interface TransitSecrets {
  readonly transitRoot: TransitRoot
  readonly meshCaKey: KeyObject
  readonly meshCaPem: string
  readonly intermediatePem: string
  /** Of the Coordinators of the manifest: names in the server's certificate. */
  readonly names: readonly string[]
}

/** A Coordinator's situation, in a form that another thread can be given. */
export type Notice =
  | { readonly availability: Exclude<Availability, "active"> }
  | { readonly availability: "active"; readonly secrets: TransitSecrets }

/** The Coordinator as transit sees it. */
export interface TransitCoordinator {
  availability(): Availability
  /** The state to serve from; absent unless `availability` is `active`. */
  state(): TransitState | undefined
  /** A self-signed certificate, for saying over TLS that there is no state yet. */
  issueInterimCredentials(): ServerCredentials
}
