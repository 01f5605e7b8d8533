import { randomBytes } from "node:crypto"
import { once } from "node:events"
import { createSecureServer } from "node:http2"
import type { AddressInfo } from "node:net"
import { createServer as createTlsServer } from "node:tls"
import { promisify } from "node:util"
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals"
import { Server, ServerCredentials } from "@grpc/grpc-js"
import { certificatePem, generateP256Key, issueMeshCaCertificate } from "@contrast/crypto"
import { Deployment } from "./support/deployment.ts"

interface Running {
  readonly port: number
  readonly close: () => void
}

/** Key and certificate as any server on the internet could have them. */
function foreignTls(): { readonly key: string; readonly cert: string } {
  const key = generateP256Key()
  const cert = certificatePem(issueMeshCaCertificate({ key, now: new Date(), serial: randomBytes(16) }))
  return { key: key.export({ format: "pem", type: "pkcs8" }).toString(), cert }
}

async function startTls(): Promise<Running> {
  const server = createTlsServer(foreignTls(), (socket) => socket.on("error", () => undefined))
  await once(server.listen(0, "127.0.0.1"), "listening")
  return { port: (server.address() as AddressInfo).port, close: () => server.close() } // TCP has no other form of address
}

async function startWebServer(): Promise<Running> {
  const server = createSecureServer(foreignTls(), (_request, response) => response.end("welcome"))
  await once(server.listen(0, "127.0.0.1"), "listening")
  return { port: (server.address() as AddressInfo).port, close: () => server.close() } // TCP has no other form of address
}

async function startGrpc(): Promise<Running> {
  const server = new Server()
  const { key, cert } = foreignTls()
  const pair = { private_key: Buffer.from(key), cert_chain: Buffer.from(cert) }
  const bind = promisify(server.bindAsync.bind(server))
  const port = await bind("127.0.0.1:0", ServerCredentials.createSsl(null, [pair]))
  return { port, close: () => { server.forceShutdown() } } // prettier-ignore
}

let deployment: Deployment

beforeEach(async () => {
  deployment = await Deployment.start()
})
afterEach(() => deployment.close())

describe.each([
  ["a TLS server that knows nothing of HTTP/2", startTls],
  ["a web server", startWebServer],
  ["a gRPC server without AttestationAPI", startGrpc],
])("contrast at %s", (_name, start) => {
  test.each([
    ["verify", []],
    ["verify", ["--handshake-attestation"]],
    ["set", ["resources"]],
  ])("ends %s %j with 3, says what to do, and writes nothing", async (command, args) => {
    const { folder } = deployment
    const server = await start()
    const before = await folder.digest()
    try {
      const address = `127.0.0.1:${server.port}`
      const finished = await folder.run([command, "--coordinator", address, "--output", "json", ...args])

      expect(finished.exitCode).toBe(3)
      expect(JSON.parse(finished.stdout)).toMatchObject({
        command,
        error: { code: "NOT_ATTESTING", exitCode: 3, hint: expect.stringContaining("check the address") as unknown },
      })
      expect(await folder.digest()).toEqual(before)
    } finally {
      server.close()
    }
  })
})
