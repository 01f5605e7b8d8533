import { type KeyObject, randomBytes } from "node:crypto"
import { once } from "node:events"
import { writeFile } from "node:fs/promises"
import path from "node:path"
import { connect, createSecureContext, type SecureContext } from "node:tls"
import { certificatePem, issueAttestedCertificate } from "@contrast/crypto"
import { execa } from "execa"

const SERVER = path.join(import.meta.dirname, "bare-tls-server.ts")

/** Mutual TLS and nothing else, the server in a process of its own. */
export class BareTls {
  readonly #server: ReturnType<typeof launch>
  readonly #port: number
  readonly #context: SecureContext

  private constructor(server: ReturnType<typeof launch>, port: number, context: SecureContext) {
    this.#server = server
    this.#port = port
    this.#context = context
  }

  static async start(folder: string, privateKey: KeyObject): Promise<BareTls> {
    const certificate = issueAttestedCertificate({ key: privateKey, now: new Date(), serial: randomBytes(16) })
    const cert = certificatePem(certificate)
    const key = privateKey.export({ format: "pem", type: "pkcs8" })
    const files = [path.join(folder, "bare-certificate.pem"), path.join(folder, "bare-key.pem")] as const
    await writeFile(files[0], cert)
    await writeFile(files[1], key, { mode: 0o600 })
    const server = launch(files)
    const [port] = (await once(server.stdout, "data")) as [Buffer]
    return new BareTls(server, Number(port.toString()), createSecureContext({ cert, key, minVersion: "TLSv1.3" }))
  }

  /** One connection: both sides prove their keys, one byte comes back, both close. */
  async handshake(): Promise<void> {
    const socket = connect({
      host: "127.0.0.1",
      port: this.#port,
      secureContext: this.#context,
      rejectUnauthorized: false,
    })
    await once(socket, "data")
    socket.end()
    await once(socket, "close")
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

function launch(files: readonly string[]) {
  return execa(process.execPath, [SERVER, ...files], { reject: false, stdin: "ignore", stderr: "inherit" })
}
