import type { ServerOptions } from "@grpc/grpc-js"

/** Bounds of a server. */
export interface ServerLimits {
  /** Handshakes included. One more takes the place of one that is not in use, or is refused if there is none. */
  readonly maxConnections: number
  /** From accepting a connection until it can carry calls. */
  readonly handshakeTimeoutMs: number
  /** From the headers of a call to the end of its request. */
  readonly receiveTimeoutMs: number
  /** How long a client may take next to nothing of its answer. */
  readonly answerStallMs: number
  /** From the headers of a call until the client has its answer. */
  readonly requestTimeoutMs: number
  /** How long a connection may be without calls. */
  readonly idleTimeoutMs: number
  /** Of a request whose method does not state less. */
  readonly maxMessageBytes: number
  /**
   * Of all requests that are being received or answered, over all connections; where it ends, the largest of those that are not
   * complete is refused.
   */
  readonly maxReceivingBytes: number
  /** Between pings; a client that does not answer one is gone. */
  readonly keepaliveMs: number
}

/** Bounds that fit a Coordinator's ports. */
export const DEFAULT_LIMITS: ServerLimits = {
  maxConnections: 1_000,
  handshakeTimeoutMs: 25_000,
  receiveTimeoutMs: 10_000,
  answerStallMs: 10_000,
  requestTimeoutMs: 60_000,
  idleTimeoutMs: 60_000,
  maxMessageBytes: 32 * 1024 * 1024,
  maxReceivingBytes: 64 * 1024 * 1024,
  keepaliveMs: 15_000,
}

/** Honest clients make a few calls, one after the other. */
const MAX_CONCURRENT_CALLS = 4

/** Ends connections whose calls never end. */
const MAX_CONNECTION_AGE_MS = 10 * 60 * 1000

/** The same bounds in the words of gRPC. */
export function grpcOptions(limits: ServerLimits): ServerOptions {
  return {
    "grpc.max_receive_message_length": limits.maxMessageBytes,
    "grpc.max_concurrent_streams": MAX_CONCURRENT_CALLS,
    "grpc.max_connection_idle_ms": limits.idleTimeoutMs,
    "grpc.max_connection_age_ms": MAX_CONNECTION_AGE_MS,
    "grpc.max_connection_age_grace_ms": limits.requestTimeoutMs,
    "grpc.keepalive_time_ms": limits.keepaliveMs,
    "grpc.keepalive_timeout_ms": limits.keepaliveMs,
    "grpc.enable_channelz": 0,
  }
}
