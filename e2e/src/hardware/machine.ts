import { mkdtemp, rm } from "node:fs/promises"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import path from "node:path"
import { json } from "node:stream/consumers"
import { decodeHex } from "@contrast/crypto"
import type { TsmKernel } from "@contrast/test-authority"
import type { Platform } from "../platform.ts"
import type { HardwarePlatform } from "./platform.ts"
import { answerGuest, type KernelRequest } from "./remote-kernel.ts"
import { encodeRoots } from "./roots.ts"

const PROGRAMS = path.join(import.meta.dirname, "programs")

/**
 * A machine of a played vendor, in this process. The programs run in processes of their own: each guest reaches its kernel
 * here over HTTP, and all of them the vendor's service.
 */
export class PlayedMachine {
  readonly #hardware: HardwarePlatform
  readonly #kernels = new Map<string, TsmKernel>()
  readonly #server = createServer((request, response) => void this.#answer(request, response))

  /** The programs run from their sources, which are prepared once. */
  readonly #compileCache: string

  private constructor(hardware: HardwarePlatform, compileCache: string) {
    this.#hardware = hardware
    this.#compileCache = compileCache
  }

  static async start(hardware: HardwarePlatform): Promise<PlayedMachine> {
    const machine = new PlayedMachine(hardware, await mkdtemp(path.join(tmpdir(), "contrast-compiled-")))
    await new Promise<void>((resolve) => machine.#server.listen(0, "127.0.0.1", resolve))
    return machine
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}` // it listens on TCP
  }

  /** Programs on this machine, with the vendor's roots as the arguments that the shipped programs never get. */
  get platform(): Platform {
    const { name, roots, referenceValues } = this.#hardware
    return {
      name,
      runtimeClass: "contrast-cc",
      generateFlags: [],
      command: (program) => ["node", path.join(PROGRAMS, `${program}.ts`)],
      env: {
        CONTRAST_AMD_KDS_URL: this.url,
        CONTRAST_INTEL_PCS_URL: this.url,
        PLAYED_ROOTS: encodeRoots(roots),
        NODE_COMPILE_CACHE: this.#compileCache,
      },
      guest: (hostData) => ({ args: [], env: { PLAYED_KERNEL: `${this.url}/guests/${hostData}` } }),
      completeManifest: (text) => {
        const manifest = JSON.parse(text) as object // generate wrote it
        return `${JSON.stringify({ ...manifest, ReferenceValues: referenceValues }, undefined, 2)}\n`
      },
    }
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
    await rm(this.#compileCache, { recursive: true })
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const place = request.url ?? ""
    if (place.startsWith("/guests/")) {
      const kernel = this.#kernelOf(path.basename(place))
      const asked = (await json(request)) as KernelRequest // both ends are ours
      response.end(JSON.stringify(await answerGuest(kernel, asked)))
      return
    }
    const published = this.#hardware.published.get(place)
    if (published === undefined) response.writeHead(404).end()
    else response.writeHead(200, published.headers).end(published.body)
  }

  #kernelOf(hostData: string): TsmKernel {
    const kernel = this.#kernels.get(hostData) ?? this.#hardware.kernel(decodeHex(hostData))
    this.#kernels.set(hostData, kernel)
    return kernel
  }
}
