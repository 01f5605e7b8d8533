import { ProtocolError, toServiceError } from "@contrast/protocol"
import { ServerInterceptingCall, type ServerInterceptor } from "@grpc/grpc-js"
import type { CallEnds } from "./call-ends.ts"
import { IncomingRequest } from "./incoming-request.ts"
import type { MessageBudget } from "./message-budget.ts"

/** What stands between a connection and the handlers. */
export interface GuardOptions {
  /** Why calls of this peer are refused; `undefined` if they are not. */
  readonly refusalOf: (peer: string) => unknown
  /** Closes the connection of this peer. */
  readonly drop: (peer: string) => void
  readonly ends: CallEnds
  /** Of all requests that are being received. */
  readonly budget: MessageBudget
  /** From the headers of a call to the end of its request. */
  readonly receiveTimeoutMs: number
  /** From the headers of a call until the client has its answer. */
  readonly requestTimeoutMs: number
}

/**
 * Answers calls of refused connections with the refusal, and calls that take too long or too much room with a status. A client that does not
 * take its answer loses its connection: the answer would stay in memory.
 */
export function guardCalls(options: GuardOptions): ServerInterceptor {
  const { refusalOf, drop, ends, requestTimeoutMs } = options
  return (_method, call) => {
    const refuse = (reason: unknown): void => {
      call.sendStatus(toServiceError(reason))
    }
    const request = new IncomingRequest(call, { ...options, refuse })
    let isAnswered = false
    let ended = (): void => undefined
    const timer = setTimeout(() => {
      if (isAnswered) drop(call.getPeer())
      else refuse(new ProtocolError("TIMEOUT", `no answer within ${requestTimeoutMs} ms`))
    }, requestTimeoutMs)
    return new ServerInterceptingCall(call, {
      start: (next) => {
        next({
          onReceiveMetadata: (metadata, pass) => {
            ended = ends.begin(metadata)
            const refusal = refusalOf(call.getPeer())
            if (refusal === undefined) pass(metadata)
            else refuse(refusal)
          },
          // Comes at the end of every call.
          onCancel: () => {
            clearTimeout(timer)
            request.end()
            ended()
          },
        })
      },
      sendMessage: (message, next) => {
        isAnswered = true
        next(message)
      },
    })
  }
}
