import { NONCE_BYTES } from "@contrast/attestation"
import { type AttestationAPIServer, ProtocolError, unaryHandler } from "@contrast/protocol"
import type { ServerUnaryCall } from "@grpc/grpc-js"
import type { ServerSession } from "./server-session.ts"

/** The service by which client and server attest over their session. */
export function attestationService(
  sessionOf: (call: ServerUnaryCall<unknown, unknown>) => ServerSession,
): AttestationAPIServer {
  return {
    attest: unaryHandler(async (call) => {
      const nonce = call.request.Nonce
      if (nonce.length !== NONCE_BYTES) {
        throw new ProtocolError("REQUEST", `expected a nonce of ${NONCE_BYTES} bytes, got ${nonce.length}`)
      }
      const { oid, document } = await sessionOf(call).attest(nonce, endOf(call))
      return { EvidenceType: oid, Document: document }
    }),
    challenge: unaryHandler((call) => Promise.resolve({ Nonce: sessionOf(call).challenge() })),
  }
}

/** Comes when the call ends, most of all when the client gives it up. */
function endOf(call: ServerUnaryCall<unknown, unknown>): AbortSignal {
  const end = new AbortController()
  call.once("cancelled", () => {
    end.abort()
  })
  if (call.cancelled) end.abort()
  return end.signal
}
