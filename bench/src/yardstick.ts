import { once } from "node:events"
import { writeFile } from "node:fs/promises"
import path from "node:path"
import { execa } from "execa"
import type { Credentials } from "./credentials.ts"

/** A TLS server to compare with, in a process of its own. */
export class Yardstick {
  readonly port: number
  readonly #server: ReturnType<typeof launch>

  private constructor(server: ReturnType<typeof launch>, port: number) {
    this.#server = server
    this.port = port
  }

  /**
   * @param program - Beside this file; takes the files of its certificate and key, and prints its port.
   * @param folder - For these files.
   */
  static async start(program: string, folder: string, { key, cert }: Credentials): Promise<Yardstick> {
    const files = [path.join(folder, `${program}.certificate.pem`), path.join(folder, `${program}.key.pem`)] as const
    await writeFile(files[0], cert)
    await writeFile(files[1], key, { mode: 0o600 })
    const server = launch([path.join(import.meta.dirname, program), ...files])
    const [port] = (await once(server.stdout, "data")) as [Buffer]
    return new Yardstick(server, Number(port.toString()))
  }

  get pid(): number {
    if (this.#server.pid === undefined) throw new Error("expected a running server, but it did not start")
    return this.#server.pid
  }

  async stop(): Promise<void> {
    this.#server.kill()
    await this.#server
  }
}

function launch(words: readonly string[]) {
  return execa(process.execPath, words, { reject: false, stdin: "ignore", stderr: "inherit" })
}
