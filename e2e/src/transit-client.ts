import { readFile } from "node:fs/promises"
import { Agent, request } from "node:https"
import path from "node:path"
import type { Pod } from "./workload.ts"

/** What came of a call to the transit API. */
export interface TransitReply {
  readonly status: number
  readonly elapsedMs: number
}

/** A client of the transit API with the certificate of a pod, on one connection that it keeps. */
export class TransitClient {
  readonly #port: number
  readonly #agent: Agent

  private constructor(port: number, agent: Agent) {
    this.#port = port
    this.#agent = agent
  }

  /** @param trusted - The pod whose mesh CA the server must belong to. */
  static async create(pod: Pod, port: number, trusted: Pod = pod): Promise<TransitClient> {
    const file = (name: string, { tlsFolder } = pod): Promise<Buffer> => readFile(path.join(tlsFolder, name))
    const options = {
      keepAlive: true,
      maxSockets: 1,
      ca: await file("mesh-ca.pem", trusted),
      cert: await file("certChain.pem"),
      key: await file("key.pem"),
      // Certificates name the service; tests call it by address.
      checkServerIdentity: () => undefined,
    }
    return new TransitClient(port, new Agent(options))
  }

  /** Asks for an encryption under the key of that name. */
  async encrypt(name: string): Promise<TransitReply> {
    const started = performance.now()
    const options = {
      host: "127.0.0.1",
      port: this.#port,
      path: `/v1/transit/encrypt/${name}`,
      method: "PUT",
      agent: this.#agent,
    }
    return new Promise((resolve, reject) => {
      const outgoing = request(options, (incoming) => {
        incoming.resume().once("end", () => {
          resolve({ status: incoming.statusCode ?? 0, elapsedMs: performance.now() - started })
        })
      })
      outgoing.on("error", reject)
      outgoing.end(JSON.stringify({ plaintext: "YQ==" }))
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}
