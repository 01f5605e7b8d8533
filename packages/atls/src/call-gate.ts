import { AttestationAPIService } from "@contrast/protocol"
import { InterceptingCall, type Interceptor, Metadata, status } from "@grpc/grpc-js"

const SHUT = "the server is not verified, or the connection has ended"

/**
 * Decides which calls a client may send: as long as the server is not verified, only the one that asks it for evidence; once
 * the connection has ended, none.
 */
export class CallGate {
  #state: "unverified" | "open" | "shut" = "unverified"

  /** Lets all calls pass, unless the connection has ended meanwhile. */
  open(): void {
    if (this.#state === "unverified") this.#state = "open"
  }

  /** Lets no call pass any more. */
  shut(): void {
    this.#state = "shut"
  }

  /** The gate as a part of a gRPC client. */
  get interceptor(): Interceptor {
    return (options, nextCall) => {
      const call = nextCall(options)
      return new InterceptingCall(call, {
        start: (metadata, listener, next) => {
          if (this.#passes(options.method_definition.path)) {
            next(metadata, listener)
            return
          }
          call.cancelWithStatus(status.UNAVAILABLE, SHUT)
          listener.onReceiveStatus({ code: status.UNAVAILABLE, details: SHUT, metadata: new Metadata() })
        },
      })
    }
  }

  #passes(path: string): boolean {
    return this.#state === "open" || (this.#state === "unverified" && path === AttestationAPIService.attest.path)
  }
}
