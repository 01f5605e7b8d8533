import type { TLSSocket } from "node:tls"
import { EXPORTER_BYTES, EXPORTER_LABEL } from "@contrast/attestation"

/** In TLS 1.3 an empty context and none are the same (RFC 8446 §7.5). */
const NO_CONTEXT = Buffer.alloc(0)

/** Keying material that only the two ends of this TLS session know. */
export function exportSessionKey(socket: TLSSocket): Uint8Array {
  return socket.exportKeyingMaterial(EXPORTER_BYTES, EXPORTER_LABEL, NO_CONTEXT)
}
