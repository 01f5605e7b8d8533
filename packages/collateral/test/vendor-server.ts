import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { setImmediate } from "node:timers/promises"

/** What a test's vendor does with a question. */
export type Behaviour = (response: ServerResponse, request: IncomingMessage) => void

/** A vendor on this machine that answers as a test wants: 404 unless it is told otherwise. */
export class VendorServer {
  readonly #server = createServer((request, response) => {
    this.#answer(request, response)
  })
  /** By path and query. */
  readonly answers = new Map<string, Behaviour>()
  /** Paths and queries, in the order of their arrival. */
  readonly asked: string[] = []
  /** The most questions that were open at one time. */
  mostAtOnce = 0
  #open = 0

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  static async start(): Promise<VendorServer> {
    const vendor = new VendorServer()
    await new Promise<void>((resolve) => vendor.#server.listen(0, "127.0.0.1", resolve))
    return vendor
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  /** Waits for a first question. */
  async wasAsked(): Promise<void> {
    while (this.asked.length === 0) await setImmediate()
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? ""
    this.asked.push(path)
    this.#open += 1
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#open)
    response.on("close", () => (this.#open -= 1))
    const behave = this.answers.get(path) ?? status(404)
    behave(response, request)
  }
}

export function serve(body: Uint8Array | string, headers: Readonly<Record<string, string>> = {}): Behaviour {
  return (response) => response.writeHead(200, headers).end(body)
}

export function status(code: number, headers: Readonly<Record<string, string>> = {}): Behaviour {
  return (response) => response.writeHead(code, headers).end()
}

/** Behaves in one way after the other; the last one stays. */
export function inTurn(...behaviours: readonly Behaviour[]): Behaviour {
  let turn = 0
  return (response, request) => {
    behaviours[Math.min(turn, behaviours.length - 1)]?.(response, request)
    turn += 1
  }
}
