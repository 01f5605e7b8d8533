import type { ServerHttp2Stream } from "node:http2"
import { Duplex } from "node:stream"
import type { ServerInterceptingCallInterface } from "@grpc/grpc-js"

/** The stream below a call. gRPC keeps it to itself, but shows nothing of a message until it is complete. */
export function streamOf(call: ServerInterceptingCallInterface): ServerHttp2Stream {
  if ("stream" in call && call.stream instanceof Duplex) return call.stream as ServerHttp2Stream
  throw new TypeError("this version of gRPC keeps the stream of a call elsewhere")
}
