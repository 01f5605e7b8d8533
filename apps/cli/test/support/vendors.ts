import { createServer } from "node:http"
import type { AddressInfo } from "node:net"

/** What is served under one path and query. */
export interface Served {
  readonly body: Uint8Array | string
  readonly headers?: Readonly<Record<string, string>>
}

/** AMD and Intel in one, on this machine. */
export class Vendors {
  readonly #server = createServer((request, response) => {
    const path = request.url ?? ""
    this.asked.push(path)
    if (this.isSilent) return
    const served = this.answers.get(path)
    if (served === undefined) response.writeHead(this.refusal).end()
    else response.writeHead(200, served.headers).end(served.body)
  })
  readonly answers = new Map<string, Served>()
  readonly asked: string[] = []
  /** The status for everything else. */
  refusal = 404
  /** Whether questions are heard and never answered. */
  isSilent = false

  static async start(): Promise<Vendors> {
    const vendors = new Vendors()
    await new Promise<void>((resolve) => vendors.#server.listen(0, "127.0.0.1", resolve))
    return vendors
  }

  /** The environment that leads the program here. */
  get env(): Readonly<Record<string, string>> {
    const url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
    return { CONTRAST_AMD_KDS_URL: url, CONTRAST_INTEL_PCS_URL: url }
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
