import type { KeyObject } from "node:crypto"
import { createServer, type Socket } from "node:net"
import { connect, createServer as createTlsServer, type TLSSocket } from "node:tls"
import { encodePem } from "@contrast/crypto"
import { findNonce } from "../../src/handshake-nonce.ts"
import { encodeNonceProtocol } from "../../src/handshake-nonce.ts"
import { readClientHello } from "../../src/hello-reader.ts"
import { TLS_OPTIONS } from "../../src/tls-options.ts"
import { listenLocally } from "./raw-tls.ts"
import { closeLater } from "./stage.ts"

/** What the man in the middle has. */
export interface RelayOptions {
  /** The port of the genuine server. */
  readonly upstream: number
  /** The private key of the genuine server's certificate. */
  readonly leakedKey: KeyObject
  /** What the relay itself shows to the genuine server. */
  readonly client?: { readonly key: string; readonly cert: string }
}

/**
 * A man in the middle who holds the server's leaf key. He asks the genuine server with the victim's own nonce, shows
 * the victim the certificate that he gets, and forwards every byte inside.
 *
 * @returns The port where he waits for victims.
 */
export function startRelay(options: RelayOptions): Promise<number> {
  return listenLocally(
    createServer((victim) => {
      victim.on("error", () => undefined)
      relay(victim, options).catch(() => victim.destroy())
    }),
  )
}

async function relay(victim: Socket, { upstream, leakedKey, client }: RelayOptions): Promise<void> {
  const nonce = findNonce(await readClientHello(victim))
  const genuine = await connectTo(upstream, {
    ...client,
    ALPNProtocols: nonce ? [encodeNonceProtocol(nonce), "h2"] : ["h2"],
  })
  const shown = encodePem("CERTIFICATE", genuine.getPeerX509Certificate()?.raw ?? new Uint8Array())
  const impostor = createTlsServer({
    ...TLS_OPTIONS,
    key: leakedKey.export({ type: "pkcs8", format: "pem" }),
    cert: shown,
    ALPNProtocols: ["h2"],
    requestCert: true,
    rejectUnauthorized: false,
  })
  impostor.on("secureConnection", (secured) => {
    secured.on("error", () => undefined)
    secured.pipe(genuine).pipe(secured)
  })
  impostor.emit("connection", victim)
}

async function connectTo(port: number, options: object): Promise<TLSSocket> {
  const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false, ...options })
  closeLater(() => {
    socket.destroy()
  })
  await new Promise((resolve, reject) => socket.once("secureConnect", resolve).once("error", reject))
  socket.on("error", () => undefined)
  return socket
}
