/**
 * The yardstick for what gRPC costs: the calls of an enrolment over mutual TLS, answered with bytes of about the same sizes
 * and no thought. Prints its port.
 */
import { readFile } from "node:fs/promises"
import { AttestationAPIService, MeshAPIService } from "@contrast/protocol"
import { type handleUnaryCall, Server, ServerCredentials } from "@grpc/grpc-js"

const [certificateFile, keyFile] = process.argv.slice(2)
if (certificateFile === undefined || keyFile === undefined) throw new Error("usage: plain-grpc-server CERTIFICATE KEY")
const [cert_chain, private_key] = await Promise.all([readFile(certificateFile), readFile(keyFile)])

const ca = Buffer.alloc(800)
const credentials = { MeshCACert: ca, RootCACert: ca, CertChain: Buffer.alloc(2000), WorkloadSecret: Buffer.alloc(0) }

const server = new Server()
server.addService(AttestationAPIService, { challenge: answer({ Nonce: Buffer.alloc(32) }) })
server.addService(MeshAPIService, { newMeshCert: answer(credentials) })
// The clients show the same certificate, so that gRPC can judge them without any code of ours.
const tls = ServerCredentials.createSsl(cert_chain, [{ cert_chain, private_key }], true)
server.bindAsync("127.0.0.1:0", tls, (error, port) => {
  if (error !== null) throw error
  console.log(port)
})

function answer<Response>(response: Response): handleUnaryCall<unknown, Response> {
  return (_call, respond) => {
    respond(null, response)
  }
}
