import type { KeyObject } from "node:crypto"
import type { Socket } from "node:net"
import type { TLSSocket } from "node:tls"
import type { Attested } from "@contrast/attestation"
import type { Certificate } from "@contrast/crypto"
import { AttestationAPIService, ProtocolError } from "@contrast/protocol"
import { Channel, type ChannelOptions, Client } from "@grpc/grpc-js"
import { type AttestedConnection, type ConnectionInputs, createAttestedConnection } from "./attested-connection.ts"
import { CallGate } from "./call-gate.ts"
import { connectChannel } from "./channel-readiness.ts"
import { type Link, SingleLink } from "./client-link.ts"
import { type ClientCredentials, createClientCredentials, secureConnection } from "./client-tls.ts"
import { newNonce } from "./nonce.ts"
import { readPeerCertificate } from "./peer-certificate.ts"
import { verifyHandshake, verifyOverSession } from "./server-verification.ts"
import type { ValidateEvidence } from "./server-session.ts"
import { waitWithin } from "./time-limit.ts"
import { callUnary } from "./unary-call.ts"

/** How the server is verified. */
export type Verification =
  /** `session`: evidence that covers the TLS session. `handshake`: evidence in the certificate, which can be relayed. */
  | { readonly mode: "session" | "handshake"; readonly verify: ValidateEvidence }
  /** Not at all. */
  | { readonly mode: "unverified"; readonly verify?: undefined }

/** Where to connect, and how. */
export type ConnectOptions = Verification & {
  /** `host:port`. */
  readonly address: string
  /** The client shows a certificate that is self-signed with this key; absent: none. */
  readonly key?: KeyObject
  /** For connecting and verifying together, and then for each call. */
  readonly timeoutMs: number
  /** Gives up connecting, and ends the connection later. */
  readonly signal?: AbortSignal
  readonly now: () => Date
}

/** A history of ten thousand manifests fits. */
const MAX_ANSWER_BYTES = 128 * 1024 * 1024

/** A call over a channel that has failed does not wait for anything. */
const FAILURE_TIMEOUT_MS = 1_000

const CHANNEL_OPTIONS: ChannelOptions = {
  "grpc.max_receive_message_length": MAX_ANSWER_BYTES,
  "grpc.keepalive_time_ms": 15_000,
  "grpc.use_local_subchannel_pool": 1,
  "grpc.enable_retries": 0,
  "grpc.enable_channelz": 0,
  "grpc.service_config_disable_resolution": 1,
}

/**
 * Connects to a server and verifies it before anything else is sent.
 *
 * @throws ProtocolError `UNREACHABLE`, `NOT_ATTESTING`, `ATTESTATION` (the AttestationError is its cause), `TIMEOUT`,
 *   `CANCELLED`; and whatever `verify` throws that is no AttestationError.
 */
export async function connectAttested(options: ConnectOptions): Promise<AttestedConnection> {
  const { address, key, timeoutMs, signal, now } = options
  const tls = createClientCredentials(key, now())
  const credentials = new SingleLink((socket) => establishLink(socket, tls, options))
  const channel = new Channel(address, credentials, CHANNEL_OPTIONS)
  const gate = new CallGate()
  const client = new Client(address, credentials, { channelOverride: channel, interceptors: [gate.interceptor] })
  const parts = { channel, credentials, client, gate }
  try {
    const { link, attested } = await waitWithin(connectAndVerify(parts, options), {
      timeoutMs,
      expired: () => new ProtocolError("TIMEOUT", `no verified connection to ${address} within ${timeoutMs} ms`),
      signal,
      aborted: () => new ProtocolError("CANCELLED", "connecting was given up"),
    })
    const clientCertificate = tls.certificate
    return createAttestedConnection({ ...parts, link, attested, clientCertificate, timeoutMs, signal })
  } catch (error) {
    credentials.destroy()
    channel.close()
    throw error
  }
}

interface VerifiedLink {
  readonly link: Link
  readonly attested: Attested | undefined
}

async function connectAndVerify(
  { channel, credentials, client }: Pick<ConnectionInputs, "channel" | "credentials" | "client">,
  options: ConnectOptions,
): Promise<VerifiedLink> {
  const outcome = await connectChannel(channel)
  const { link } = credentials
  if (outcome === "failed" || link === undefined) throw credentials.failure ?? (await findFailure(client))
  if (options.mode !== "session") return { link, attested: link.handshakeAttested }
  return { link, attested: await verifyOverSession(client, link, options) }
}

async function establishLink(raw: Socket, tls: ClientCredentials, options: ConnectOptions): Promise<Link> {
  const { address, now } = options
  const nonce = options.mode === "handshake" ? newNonce() : undefined
  const socket = await secureConnection(raw, { context: tls.context, host: hostOf(address), nonce })
  const serverCertificate = readServerCertificate(socket, now())
  const verified = nonce && options.verify && verifyHandshake(serverCertificate, { nonce, verify: options.verify })
  return { socket, serverCertificate, handshakeAttested: await verified }
}

function readServerCertificate(socket: TLSSocket, now: Date): Certificate {
  const certificate = certificateOrRefuse(socket, now)
  if (certificate === undefined) throw new ProtocolError("NOT_ATTESTING", "the server shows no certificate")
  return certificate
}

function certificateOrRefuse(socket: TLSSocket, now: Date): Certificate | undefined {
  try {
    return readPeerCertificate(socket, now)
  } catch (cause) {
    throw new ProtocolError("NOT_ATTESTING", "the server's certificate is not a valid self-signed one", { cause })
  }
}

/** A channel that has failed tells why to those who call; nothing is sent. */
async function findFailure(client: Client): Promise<unknown> {
  try {
    await callUnary(client, AttestationAPIService.attest, { Nonce: newNonce() }, FAILURE_TIMEOUT_MS)
    return new ProtocolError("UNREACHABLE", "the connection failed")
  } catch (error) {
    return error
  }
}

/** The host of `host:port`, without the brackets of an IPv6 address. */
function hostOf(address: string): string {
  return address.replace(/:\d*$/, "").replace(/^\[(.*)\]$/, "$1")
}
