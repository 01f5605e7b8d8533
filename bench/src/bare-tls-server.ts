/** The yardstick: a TLS server that asks for a client certificate, says one byte and closes. Prints its port. */
import { readFile } from "node:fs/promises"
import type { AddressInfo } from "node:net"
import { createServer } from "node:tls"

const [certificateFile, keyFile] = process.argv.slice(2)
if (certificateFile === undefined || keyFile === undefined) throw new Error("usage: bare-tls-server CERTIFICATE KEY")
const [cert, key] = await Promise.all([readFile(certificateFile), readFile(keyFile)])
const options = { cert, key, requestCert: true, rejectUnauthorized: false, minVersion: "TLSv1.3" } as const
const server = createServer(options, (socket) => {
  socket.on("error", () => undefined) // a client that is in a hurry
  socket.end("x")
})
server.listen(0, "127.0.0.1", () => {
  console.log((server.address() as AddressInfo).port) // a TCP listener has no other form of address
})
