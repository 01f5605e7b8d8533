import type { handleUnaryCall, ServerUnaryCall } from "@grpc/grpc-js"
import { toServiceError } from "./protocol-error.ts"

/**
 * A gRPC handler from a function that returns the answer or throws; what it throws is answered by the status table.
 *
 * @param handle - Decodes, authorises, makes one call, encodes.
 */
export function unaryHandler<Request, Response>(
  handle: (call: ServerUnaryCall<Request, Response>) => Promise<Response>,
): handleUnaryCall<Request, Response> {
  return (call, respond) => {
    Promise.try(handle, call).then(
      (response) => {
        respond(null, response)
      },
      (error: unknown) => {
        respond(toServiceError(error))
      },
    )
  }
}
