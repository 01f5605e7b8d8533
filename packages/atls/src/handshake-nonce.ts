import { decodeBase64, decodeHex, encodeHex } from "@contrast/crypto"
import { NONCE_BYTES } from "@contrast/attestation"
import type { ClientHello } from "./client-hello.ts"
import { HandshakeError } from "./error.ts"

/** The one application protocol that is spoken. */
export const HTTP2_PROTOCOL = "h2"

const FAMILY = "atls"
const PREFIX = "atls:v1:nonce:"

/** The ALPN name that asks the server for evidence in the handshake. */
export function encodeNonceProtocol(nonce: Uint8Array): string {
  return PREFIX + encodeHex(nonce)
}

/**
 * The nonce by which a client asks for evidence in the handshake: the first ALPN name of the family decides, the server
 * name is the older place for it. Without either the client will ask over the session.
 *
 * @throws {@link HandshakeError} `NONCE` if the ALPN name is of another version, no hex, or not of 32 bytes.
 */
export function findNonce({ protocols, serverName }: ClientHello): Uint8Array | undefined {
  const protocol = protocols.find((name) => name.startsWith(FAMILY))
  if (protocol !== undefined) return parseNonceProtocol(protocol)
  return serverName === undefined ? undefined : decodeServerNameNonce(serverName)
}

function parseNonceProtocol(protocol: string): Uint8Array {
  if (!protocol.startsWith(PREFIX)) throw new HandshakeError("NONCE", "the nonce is of an unknown version")
  const nonce = decodeOrRefuse(protocol.slice(PREFIX.length))
  if (nonce.length !== NONCE_BYTES) {
    throw new HandshakeError("NONCE", `expected a nonce of ${NONCE_BYTES} bytes, got ${nonce.length}`)
  }
  return nonce
}

function decodeOrRefuse(hex: string): Uint8Array {
  try {
    return decodeHex(hex)
  } catch (cause) {
    throw new HandshakeError("NONCE", "the nonce is no hex", { cause })
  }
}

/** No host name is the base64 of 32 bytes, which ends in "=". */
function decodeServerNameNonce(serverName: string): Uint8Array | undefined {
  try {
    const nonce = decodeBase64(serverName)
    return nonce.length === NONCE_BYTES ? nonce : undefined
  } catch {
    return undefined
  }
}
