import type { Socket } from "node:net"
import type { TLSSocket } from "node:tls"
import { readIdentity, type ClientIdentity } from "./client-identity.ts"
import type { Engine } from "./engine.ts"
import { TransitError } from "./error.ts"
import type { DeriveTransitKey } from "./keys.ts"
import type { ServerCredentials, TransitCoordinator, TransitState } from "./state.ts"

/** A time in which neither the state nor the server's certificate changed. */
export interface Epoch {
  readonly state: TransitState | undefined
  /** The same object for as long as the state is; absent without state. */
  readonly engine: Engine | undefined
  readonly credentials: ServerCredentials
  readonly sinceMs: number
}

/** A connection whose client certificate verifies under the current state. */
export interface Admission {
  readonly identity: ClientIdentity
  readonly engine: Engine
}

interface Connection {
  readonly socket: TLSSocket
  readonly epoch: Epoch
  admission: Admission | undefined
}

/** Well within the validity of interim certificates, which is two hours. */
const CREDENTIALS_LIFETIME_MS = 60 * 60 * 1000

/**
 * Follows the Coordinator's state and knows which connection was made under which: looked at when something happens,
 * so that nothing has to be told or polled.
 */
export class Epochs {
  readonly #coordinator: TransitCoordinator
  readonly #createEngine: (derive: DeriveTransitKey) => Engine
  readonly #began: (epoch: Epoch) => void
  readonly #connections = new WeakMap<Socket, Connection>()
  #epoch: Epoch | undefined

  /** @param began - Told about each new epoch before anything is served in it. */
  constructor(
    coordinator: TransitCoordinator,
    createEngine: (derive: DeriveTransitKey) => Engine,
    began: (epoch: Epoch) => void,
  ) {
    this.#coordinator = coordinator
    this.#createEngine = createEngine
    this.#began = began
  }

  /** The epoch of this moment; begins a new one if need be. */
  current(now: Date): Epoch {
    const state = this.#coordinator.state()
    const epoch = this.#epoch
    const sameState = epoch !== undefined && epoch.state === state
    if (sameState && isFresh(now.getTime() - epoch.sinceMs)) return epoch
    const next = {
      state,
      engine: sameState ? epoch.engine : state && this.#createEngine(state.deriveTransitKey),
      credentials: state?.issueServerCredentials() ?? this.#coordinator.issueInterimCredentials(),
      sinceMs: now.getTime(),
    }
    this.#epoch = next
    this.#began(next)
    return next
  }

  /** Takes note of a connection whose handshake is done. */
  connected(socket: TLSSocket, now: Date): void {
    this.#connections.set(socket, { socket, epoch: this.current(now), admission: undefined })
  }

  /**
   * Who is at the other end of a connection, and what to serve it with.
   *
   * @returns `undefined` if there is no state, or another than when the connection was made.
   * @throws TransitError `CLIENT_CERTIFICATE`.
   */
  admit(socket: Socket, now: Date): Admission | undefined {
    const { state, engine } = this.current(now)
    const connection = this.#connections.get(socket)
    if (state === undefined || engine === undefined || connection?.epoch.engine !== engine) return undefined
    connection.admission ??= { engine, identity: readIdentity(connection.socket, state.meshCa, now) }
    return connection.admission
  }

  /** Who is at the other end, if they have shown a certificate that is good at this moment. */
  identify(socket: Socket, now: Date): ClientIdentity | undefined {
    try {
      const identity = this.admit(socket, now)?.identity
      return identity !== undefined && now <= identity.notAfter ? identity : undefined
    } catch (error) {
      if (!(error instanceof TransitError)) throw error
      return undefined
    }
  }
}

/** A negative age means that the clock was set back, and that the certificate may begin in what is now the future. */
function isFresh(ageMs: number): boolean {
  return ageMs >= 0 && ageMs < CREDENTIALS_LIFETIME_MS
}
