import { fromServiceError } from "@contrast/protocol"
import { type Client, Metadata } from "@grpc/grpc-js"

/** A method of one request and one response, as the generated services describe it. */
export interface UnaryMethod<Request, Response> {
  readonly path: string
  readonly requestSerialize: (request: Request) => Buffer
  readonly responseDeserialize: (bytes: Buffer) => Response
}

/**
 * Makes one call.
 *
 * @throws ProtocolError
 */
export function callUnary<Request, Response>(
  client: Client,
  method: UnaryMethod<Request, Response>,
  request: Request,
  timeoutMs: number,
): Promise<Response> {
  const { path, requestSerialize, responseDeserialize } = method
  const options = { deadline: Date.now() + timeoutMs }
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      new Metadata(),
      options,
      (error, response) => {
        if (error !== null || response === undefined) reject(fromServiceError(error))
        else resolve(response)
      },
    )
  })
}
