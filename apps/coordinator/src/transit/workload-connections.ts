import type { Socket } from "node:net"
import type { Exchanges } from "./exchanges.ts"

/**
 * Connections of those who have shown a certificate of the mesh, by whose they are: none may take the room of all others, so
 * past its share its oldest idle connection makes room for the new one.
 */
export class WorkloadConnections {
  readonly #share: number
  readonly #exchanges: Exchanges
  /** Oldest first. */
  readonly #byOwner = new Map<string, Set<Socket>>()

  /** @param share - How many connections one owner may have. */
  constructor(share: number, exchanges: Exchanges) {
    this.#share = share
    this.#exchanges = exchanges
  }

  /** @param owner - The same for all connections of one workload. */
  identified(owner: string, socket: Socket): void {
    const sockets = this.#byOwner.get(owner) ?? new Set()
    this.#byOwner.set(owner, sockets.add(socket))
    socket.once("close", () => {
      sockets.delete(socket)
      if (sockets.size === 0 && this.#byOwner.get(owner) === sockets) this.#byOwner.delete(owner)
    })
    if (sockets.size > this.#share) this.#makeRoom(sockets)
  }

  /** Where all others are busy, the new one is the idle one. */
  #makeRoom(sockets: Set<Socket>): void {
    for (const socket of sockets) {
      if (!this.#exchanges.isIdle(socket)) continue
      sockets.delete(socket)
      socket.destroy()
      return
    }
  }
}
