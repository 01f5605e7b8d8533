import { ProtocolError, toServiceError } from "@contrast/protocol"
import { ServerInterceptingCall, type ServerInterceptor } from "@grpc/grpc-js"

/** What stands between a connection and the handlers. */
export interface GuardOptions {
  /** Why calls of this peer are refused; `undefined` if they are not. */
  readonly refusalOf: (peer: string) => unknown
  /** From the headers of a call to its answer. */
  readonly requestTimeoutMs: number
}

/** Answers calls of refused connections with the refusal, and calls that take too long with a status. */
export function guardCalls({ refusalOf, requestTimeoutMs }: GuardOptions): ServerInterceptor {
  return (_method, call) => {
    const timer = setTimeout(() => {
      call.sendStatus(toServiceError(new ProtocolError("TIMEOUT", `no answer within ${requestTimeoutMs} ms`)))
    }, requestTimeoutMs)
    return new ServerInterceptingCall(call, {
      start: (next) => {
        next({
          onReceiveMetadata: (metadata, pass) => {
            const refusal = refusalOf(call.getPeer())
            if (refusal === undefined) pass(metadata)
            else call.sendStatus(toServiceError(refusal))
          },
          // Comes at the end of every call.
          onCancel: () => {
            clearTimeout(timer)
          },
        })
      },
    })
  }
}
