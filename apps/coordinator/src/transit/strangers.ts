import type { Socket } from "node:net"

/** Bounds of {@link Strangers}. */
export interface StrangerLimits {
  readonly maxStrangers: number
  readonly strangerLifetimeMs: number
}

interface Stranger {
  readonly socket: Socket
  readonly timer: NodeJS.Timeout
}

/**
 * Connections that have not shown a certificate of the mesh, from their first byte on: anybody can open them, so they are
 * few and short-lived, and a new one takes the place of the oldest. The others are left to the workloads.
 */
export class Strangers {
  readonly #limits: StrangerLimits
  /** By their addresses, which the TLS layer's socket shares with the one below it. Oldest first. */
  readonly #strangers = new Map<string, Stranger>()

  constructor(limits: StrangerLimits) {
    this.#limits = limits
  }

  arrived(socket: Socket): void {
    const name = nameOf(socket)
    const timer = setTimeout(() => socket.destroy(), this.#limits.strangerLifetimeMs)
    this.#strangers.set(name, { socket, timer })
    socket.once("close", () => {
      clearTimeout(timer)
      if (this.#strangers.get(name)?.socket === socket) this.#strangers.delete(name)
    })
    this.#makeRoom()
  }

  /** Whoever is at the other end has shown a certificate of the mesh. */
  identified(socket: Socket): void {
    const name = nameOf(socket)
    clearTimeout(this.#strangers.get(name)?.timer)
    this.#strangers.delete(name)
  }

  #makeRoom(): void {
    if (this.#strangers.size <= this.#limits.maxStrangers) return
    for (const [name, { socket, timer }] of this.#strangers) {
      clearTimeout(timer)
      socket.destroy()
      this.#strangers.delete(name)
      return
    }
  }
}

function nameOf({ remoteAddress, remotePort, localAddress }: Socket): string {
  return `${remoteAddress ?? ""} ${remotePort ?? ""} ${localAddress ?? ""}`
}
