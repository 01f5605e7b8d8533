import { createPublicKey, randomBytes } from "node:crypto"
import { once } from "node:events"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import type { IncomingMessage, ServerResponse } from "node:http"
import { createServer, type Server } from "node:https"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import path from "node:path"
import { certificatePem, generateP256Key, issueLeafCertificate, issueMeshCaCertificate } from "@contrast/crypto"
import type { ClusterAccess } from "../../src/history/config-maps.ts"

const NAMESPACE = "team"
const TOKEN = "a-token"

interface ConfigMap {
  readonly metadata: { readonly name: string; readonly resourceVersion?: string }
  readonly binaryData?: Readonly<Record<string, string>>
}

/**
 * What becomes of a request: it is refused with this status, or the connection ends before it is carried out, after it, or in
 * the middle of the answer.
 */
export type Mishap = number | "lost" | "done, and lost" | "done, and cut off"

/**
 * Stands in for the API server of Kubernetes: ConfigMaps of one namespace with the rules of `resourceVersion`, over HTTPS, for
 * whoever has the token.
 */
export class Cluster {
  readonly configMaps = new Map<string, ConfigMap>()
  /** Asked before each request; `undefined` lets it go on. */
  mishap: (method: string, name: string) => Mishap | undefined = () => undefined
  readonly #server: Server
  readonly #directory: string
  #version = 0

  private constructor(server: Server, directory: string) {
    this.#server = server
    this.#directory = directory
    server.on("request", (request, response) => void this.#serve(request, response))
  }

  static async start(): Promise<Cluster> {
    const now = new Date()
    const caKey = generateP256Key()
    const ca = { key: caKey, certificate: issueMeshCaCertificate({ key: caKey, now, serial: randomBytes(16) }) }
    const key = generateP256Key()
    const leaf = issueLeafCertificate({
      meshCa: ca,
      publicKey: createPublicKey(key).export({ type: "spki", format: "der" }),
      names: { dns: ["localhost"], ips: ["127.0.0.1"], uris: [] },
      extensions: [],
      now,
      serial: randomBytes(16),
    })
    const server = createServer({ key: key.export({ type: "pkcs8", format: "pem" }), cert: certificatePem(leaf) })
    await once(server.listen(0, "127.0.0.1"), "listening")
    const directory = await mkdtemp(path.join(tmpdir(), "service-account-"))
    await writeFile(path.join(directory, "ca.crt"), certificatePem(ca.certificate))
    await writeFile(path.join(directory, "token"), `${TOKEN}\n`)
    await writeFile(path.join(directory, "namespace"), NAMESPACE)
    return new Cluster(server, directory)
  }

  get access(): ClusterAccess {
    const { port } = this.#server.address() as AddressInfo // a TCP listener has no other form of address
    return { url: `https://127.0.0.1:${port}`, serviceAccountDirectory: this.#directory }
  }

  /** As `kubectl apply` does with a new object. */
  apply(configMap: ConfigMap): void {
    this.#store(configMap)
  }

  /** From now on nobody answers. */
  async goDown(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async stop(): Promise<void> {
    if (this.#server.listening) await this.goDown()
    await rm(this.#directory, { recursive: true })
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const collection = `/api/v1/namespaces/${NAMESPACE}/configmaps`
    const { method = "", url = "", headers } = request
    const sent = await readBody(request)
    const name = method === "POST" ? (sent?.metadata.name ?? "") : url.slice(collection.length + 1)
    const mishap = this.mishap(method, name)
    if (headers.authorization !== `Bearer ${TOKEN}`) end(response, 401, { message: "Unauthorized" })
    else if (!url.startsWith(collection)) end(response, 403, { message: "forbidden" })
    else if (typeof mishap === "number") end(response, mishap, { kind: "Status", message: "it is so" })
    else if (mishap === "lost") request.socket.destroy()
    else {
      const [status, body] = this.#carryOut(method, name, sent)
      if (mishap === undefined) end(response, status, body)
      else if (mishap === "done, and lost") request.socket.destroy()
      else response.writeHead(status, { "content-length": 1000 }).write("{", () => request.socket.destroy())
    }
  }

  #carryOut(method: string, name: string, sent: ConfigMap | undefined): [status: number, body: object] {
    const known = this.configMaps.get(name)
    if (method === "POST" && sent !== undefined) {
      return known ? [409, { message: "already exists" }] : [201, this.#store(sent)]
    }
    if (known === undefined) return [404, { message: "not found" }]
    if (method !== "PUT" || sent === undefined) return [200, known]
    const isCurrent = sent.metadata.resourceVersion === known.metadata.resourceVersion
    return isCurrent ? [200, this.#store(sent)] : [409, { message: "the object has been modified" }]
  }

  #store(configMap: ConfigMap): ConfigMap {
    const metadata = { ...configMap.metadata, resourceVersion: String(++this.#version) }
    const stored = { ...configMap, metadata }
    this.configMaps.set(metadata.name, stored)
    return stored
  }
}

async function readBody(request: IncomingMessage): Promise<ConfigMap | undefined> {
  const parts: Buffer[] = []
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part)
  const text = Buffer.concat(parts).toString("utf8")
  return text === "" ? undefined : (JSON.parse(text) as ConfigMap) // the store under test wrote it
}

function end(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
}
