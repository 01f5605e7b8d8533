import { once } from "node:events"
import { readFile } from "node:fs/promises"
import { createServer, request } from "node:https"
import type { AddressInfo } from "node:net"
import path from "node:path"

/** What the Initializer left for a workload's own TLS. */
export interface WorkloadTls {
  readonly cert: Buffer
  readonly key: Buffer
  /** The mesh CA: the only issuer that workloads of this manifest trust. */
  readonly ca: Buffer
}

export async function readWorkloadTls(root: string): Promise<WorkloadTls> {
  const read = (name: string) => readFile(path.join(root, "contrast/tls-config", name))
  const [cert, key, ca] = await Promise.all([read("certChain.pem"), read("key.pem"), read("mesh-ca.pem")])
  return { cert, key, ca }
}

export interface WorkloadServer {
  readonly port: number
  close(): Promise<void>
}

/** Serves a greeting to clients with a certificate of the mesh, and to nobody else. */
export async function serveMutualTls(tls: WorkloadTls, greeting: string): Promise<WorkloadServer> {
  const options = { ...tls, requestCert: true, rejectUnauthorized: true, minVersion: "TLSv1.3" } as const
  const server = createServer(options, (_request, response) => response.end(greeting))
  server.on("tlsClientError", () => undefined) // the client sees its refusal; nothing to do here
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  return {
    port: (server.address() as AddressInfo).port, // a TCP listener has no other form of address
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, "close")
    },
  }
}

export interface Call {
  readonly port: number
  /** The name that the server's certificate must carry. */
  readonly name: string
  readonly trust: Buffer
  readonly identity?: Pick<WorkloadTls, "cert" | "key">
}

/** Calls a workload by its mesh name and gives the body of its answer. */
export async function callMutualTls({ port, name, trust, identity }: Call): Promise<string> {
  const options = { host: "127.0.0.1", port, servername: name, ca: trust, ...identity, agent: false, timeout: 10_000 }
  return new Promise((resolve, reject) => {
    const call = request(options, (response) => {
      const parts: Buffer[] = []
      response.on("data", (part: Buffer) => parts.push(part))
      response.on("end", () => {
        resolve(Buffer.concat(parts).toString("utf8"))
      })
      response.on("error", reject)
    })
    call.on("error", reject)
    call.on("timeout", () => call.destroy(new Error("the workload did not answer in 10 seconds")))
    call.end()
  })
}
