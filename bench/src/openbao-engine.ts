import { readFile, writeFile } from "node:fs/promises"
import path from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { externalTool, freePort } from "@contrast/e2e"
import { execa } from "execa"

const START_ATTEMPTS = 100

/** OpenBao's own transit engine: storage in memory, mutual TLS with the files of a pod. */
export class OpenBaoEngine {
  static readonly keyName: string = "bench"
  readonly port: number
  readonly token: string
  readonly #server: ReturnType<typeof launch>

  private constructor(port: number, token: string, server: ReturnType<typeof launch>) {
    this.port = port
    this.token = token
    this.#server = server
  }

  static async start(folder: string, tlsFolder: string): Promise<OpenBaoEngine> {
    const port = await freePort()
    const config = path.join(folder, "engine.hcl")
    await writeFile(config, configuration(port, tlsFolder))
    const server = launch(config)
    const env = {
      BAO_ADDR: `https://127.0.0.1:${port}`,
      BAO_CACERT: path.join(tlsFolder, "mesh-ca.pem"),
      BAO_CLIENT_CERT: path.join(tlsFolder, "certChain.pem"),
      BAO_CLIENT_KEY: path.join(tlsFolder, "key.pem"),
    }
    const bao = (args: readonly string[], token = "") =>
      execa(externalTool("bao"), args, { env: { ...env, BAO_TOKEN: token }, reject: false, stdin: "ignore" })
    for (let attempt = 0; (await bao(["status"])).exitCode !== 2; attempt += 1) {
      if (attempt === START_ATTEMPTS) throw new Error("OpenBao did not start")
      await delay(100)
    }
    const { stdout } = await bao(["operator", "init", "-format=json", "-key-shares=1", "-key-threshold=1"])
    const { root_token: token, unseal_keys_b64: keys } = JSON.parse(stdout) as InitAnswer // OpenBao's documented form
    await bao(["operator", "unseal", keys[0] ?? ""])
    await bao(["secrets", "enable", "transit"], token)
    await bao(["write", "-f", `transit/keys/${OpenBaoEngine.keyName}`], token)
    return new OpenBaoEngine(port, token, server)
  }

  async residentBytes(): Promise<number> {
    const status = await readFile(`/proc/${this.#server.pid ?? 0}/status`, "utf8")
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024
  }

  async stop(): Promise<void> {
    this.#server.kill("SIGKILL")
    await this.#server
  }
}

interface InitAnswer {
  readonly root_token: string
  readonly unseal_keys_b64: readonly string[]
}

function launch(config: string) {
  return execa(externalTool("bao"), ["server", `-config=${config}`], { reject: false, stdin: "ignore", buffer: false })
}

function configuration(port: number, tlsFolder: string): string {
  return `
storage "inmem" {}
listener "tcp" {
  address                            = "127.0.0.1:${port}"
  tls_cert_file                      = "${tlsFolder}/certChain.pem"
  tls_key_file                       = "${tlsFolder}/key.pem"
  tls_client_ca_file                 = "${tlsFolder}/mesh-ca.pem"
  tls_require_and_verify_client_cert = true
}
`
}
