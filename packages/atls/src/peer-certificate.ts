import type { TLSSocket } from "node:tls"
import { type Certificate, parsePeerCertificate, verifySelfSigned } from "@contrast/crypto"

/**
 * The certificate of the other end, verified with itself as root; TLS has proven that the other end holds its key. Only the
 * first certificate counts.
 *
 * @returns `undefined` if the other end showed none.
 * @throws CryptoError if it is no certificate, not signed by its own key, or not valid now.
 */
export function readPeerCertificate(socket: TLSSocket, now: Date): Certificate | undefined {
  const peer = socket.getPeerX509Certificate()
  if (peer === undefined) return undefined
  const certificate = parsePeerCertificate(peer)
  verifySelfSigned(certificate, now)
  return certificate
}
