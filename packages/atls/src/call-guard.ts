import { ProtocolError, toServiceError } from "@contrast/protocol"
import { ServerInterceptingCall, type ServerInterceptor } from "@grpc/grpc-js"
import type { CallEnds } from "./call-ends.ts"
import { streamOf } from "./call-stream.ts"
import type { OpenCall } from "./connection-table.ts"
import { IncomingRequest } from "./incoming-request.ts"
import type { MessageBudget } from "./message-budget.ts"
import { OutgoingAnswer } from "./outgoing-answer.ts"

/** What stands between a connection and the handlers. */
export interface GuardOptions {
  /** Why calls of this peer are refused; `undefined` if they are not. */
  readonly refusalOf: (peer: string) => unknown
  /** Closes the connection of this peer. */
  readonly drop: (peer: string) => void
  readonly ends: CallEnds
  /** Notes that the connection of this peer has a call more. */
  readonly beginCall: (peer: string) => OpenCall
  /** Of all requests in memory. */
  readonly budget: MessageBudget
  /** From the headers of a call to the end of its request. */
  readonly receiveTimeoutMs: number
  /** Of a request to the method with this path. */
  readonly maxRequestBytes: (path: string) => number
  /** How long a client may take next to nothing of its answer. */
  readonly answerStallMs: number
  /** From the headers of a call until the client has its answer. */
  readonly requestTimeoutMs: number
}

/**
 * Answers calls of refused connections with the refusal, and calls that take too long or too much room with a status. A client
 * that does not take its answer loses its connection: the answer would stay in memory.
 */
export function guardCalls(options: GuardOptions): ServerInterceptor {
  const { refusalOf, ends, beginCall, answerStallMs, requestTimeoutMs } = options
  return ({ path }, call) => {
    const refuse = (reason: unknown): void => {
      call.sendStatus(toServiceError(reason))
    }
    const stream = streamOf(call)
    const peer = call.getPeer()
    const openCall = beginCall(peer)
    const request = new IncomingRequest(stream, {
      ...options,
      maxRequestBytes: options.maxRequestBytes(path),
      refuse,
      completed: openCall.complete,
    })
    let answer: OutgoingAnswer | undefined
    let isOver = false
    let ended = (): void => undefined
    const drop = (): void => {
      options.drop(peer)
    }
    const timer = setTimeout(() => {
      if (answer) drop()
      else refuse(new ProtocolError("TIMEOUT", `no answer within ${requestTimeoutMs} ms`))
    }, requestTimeoutMs)
    const finish = (): void => {
      isOver = true
      clearTimeout(timer)
      request.end()
      answer?.end()
      ended()
      openCall.end()
    }
    // A call that its client has reset by now gets no further event.
    if (stream.destroyed) finish()
    else stream.once("close", finish)
    return new ServerInterceptingCall(call, {
      start: (next) => {
        next({
          onReceiveMetadata: (metadata, pass) => {
            ended = ends.begin(metadata)
            const refusal = refusalOf(peer)
            if (refusal === undefined) pass(metadata)
            else refuse(refusal)
          },
          onReceiveHalfClose: (pass) => {
            request.handle()
            pass()
          },
          // Comes at the end of every call, however it ends.
          onCancel: finish,
        })
      },
      sendMessage: (message, next) => {
        request.letGo()
        // Handlers answer calls that have ended as well, and nothing would end the watch over such an answer.
        if (!isOver) answer = new OutgoingAnswer(stream, { answerStallMs, stalled: drop })
        next(message)
      },
      sendStatus: (answered, next) => {
        request.letGo()
        next(answered)
      },
    })
  }
}
