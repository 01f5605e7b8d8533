import { NONCE_BYTES } from "@contrast/attestation"
import { type AttestationAPIServer, AttestationAPIService, ProtocolError, unaryHandler } from "@contrast/protocol"
import type { ServerUnaryCall } from "@grpc/grpc-js"
import type { BoundedMethod } from "./request-limits.ts"
import type { ServerSession } from "./server-session.ts"

/** A nonce, and room for what later versions may add. */
const MAX_REQUEST_BYTES = 4096

/** AttestationAPI with the size of its requests: anybody may send them. */
export const BOUNDED_ATTESTATION_API: typeof AttestationAPIService = {
  attest: bounded(AttestationAPIService.attest),
  challenge: bounded(AttestationAPIService.challenge),
}

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

function bounded<Method>(method: Method): Method & BoundedMethod {
  return { ...method, maxRequestBytes: MAX_REQUEST_BYTES }
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
