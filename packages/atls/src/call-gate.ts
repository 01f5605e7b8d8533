import { InterceptingCall, type Interceptor, Metadata, status } from "@grpc/grpc-js"

/** What a gate asks about its connection. */
export interface GateOptions {
  /** Whether the server was verified and the connection not closed since. */
  readonly isOpen: () => boolean
  /** For calls that bring no deadline. */
  readonly timeoutMs: number
}

const NOT_OPEN = "the connection is not verified or closed"

/** Lets no call through to a server that was not verified, and none without a deadline. */
export function gateCalls({ isOpen, timeoutMs }: GateOptions): Interceptor {
  return (options, nextCall) => {
    const call = nextCall({ ...options, deadline: options.deadline ?? Date.now() + timeoutMs })
    return new InterceptingCall(call, {
      start: (metadata, listener, next) => {
        if (isOpen()) {
          next(metadata, listener)
          return
        }
        call.cancelWithStatus(status.UNAVAILABLE, NOT_OPEN)
        listener.onReceiveStatus({ code: status.UNAVAILABLE, details: NOT_OPEN, metadata: new Metadata() })
      },
    })
  }
}
