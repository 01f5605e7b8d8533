import type { KeyObject } from "node:crypto"
import { once } from "node:events"
import { createServer, type Server as Listener } from "node:net"
import type { Issuer } from "@contrast/attestation"
import { generateP256Key } from "@contrast/crypto"
import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js"
import { Acceptor, type ConnectionFailure } from "./acceptor.ts"
import { attestationService, BOUNDED_ATTESTATION_API } from "./attestation-service.ts"
import { CallEnds } from "./call-ends.ts"
import { guardCalls } from "./call-guard.ts"
import { ConnectionTable } from "./connection-table.ts"
import { HandshakeError } from "./error.ts"
import { MessageBudget } from "./message-budget.ts"
import { RequestLimits } from "./request-limits.ts"
import { ServerIdentities } from "./server-identity.ts"
import { DEFAULT_LIMITS, grpcOptions, type ServerLimits } from "./server-limits.ts"
import type { ServerSession, ValidateEvidence } from "./server-session.ts"

/** What a server is made of. */
export interface AttestedServerOptions {
  readonly issuer: Issuer
  /** Whether clients need a certificate and may attest, and who judges their evidence. */
  readonly clientEvidence: "none" | { readonly validate: ValidateEvidence }
  readonly now: () => Date
  /** What is left out has the default. */
  readonly limits?: Partial<ServerLimits>
  readonly events?: { readonly handshakeFailed?: (failure: ConnectionFailure) => void }
  /** Makes the keys of the server's certificates; P-256 if absent. */
  readonly newKey?: () => KeyObject
}

/** A gRPC server that attests. */
export interface AttestedServer {
  /**
   * Adds a service, before listening. AttestationAPI is there already. A method may state how large its requests are at most, as
   * `maxRequestBytes`; those that do not have the limit of the server.
   */
  addService(definition: ServiceDefinition, implementation: UntypedServiceImplementation): void
  /**
   * Listens.
   *
   * @returns The port, which the system chose for port 0.
   */
  listen(host: string, port: number): Promise<number>
  /** Lets open calls end, for so long; then nothing is left. Connections still in the handshake are closed at once. */
  close(graceMs: number): Promise<void>
  /**
   * The session that a call came over.
   *
   * @throws ProtocolError `CANCELLED` if its connection is gone.
   */
  session<Request, Response>(call: ServerUnaryCall<Request, Response>): ServerSession
  /** Resolves at the end of a call: when the client has taken its answer, or is gone. */
  ended<Request, Response>(call: ServerUnaryCall<Request, Response>): Promise<void>
}

/** Makes a server, which listens nowhere yet. */
export function createAttestedServer(options: AttestedServerOptions): AttestedServer {
  const { issuer, clientEvidence, now, newKey = generateP256Key } = options
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  const failed = (failure: ConnectionFailure): void => {
    tell(options.events?.handshakeFailed, failure)
  }
  const connections = new ConnectionTable()

  const ends = new CallEnds()
  const requestLimits = new RequestLimits(limits.maxMessageBytes)
  const guard = guardCalls({
    refusalOf: (peer) => connections.refusalOf(peer),
    drop: (peer) => {
      connections.drop(peer)
    },
    ends,
    beginCall: (peer) => connections.beginCall(peer),
    maxRequestBytes: (path) => requestLimits.of(path),
    budget: new MessageBudget(limits.maxReceivingBytes),
    ...limits,
  })
  const grpc = new Server({ ...grpcOptions(limits), interceptors: [guard] })
  const session: AttestedServer["session"] = (call) => connections.sessionOf(call.getPeer())
  const addService: AttestedServer["addService"] = (definition, implementation) => {
    requestLimits.add(definition)
    grpc.addService(definition, implementation)
  }
  addService(BOUNDED_ATTESTATION_API, attestationService(session))
  const injector = grpc.createConnectionInjector(ServerCredentials.createInsecure())

  const acceptor = new Acceptor({
    identities: new ServerIdentities({ issuer, newKey, now }),
    connections,
    limits,
    issuer,
    validate: clientEvidence === "none" ? undefined : clientEvidence.validate,
    now,
    serve: (socket) => {
      injector.injectConnection(socket)
    },
    failed,
  })
  const listener = createServer({ noDelay: true }, (socket) => {
    acceptor.accept(socket)
  })
  return {
    addService,
    listen: async (host, port) => {
      const bound = await listen(listener, { host, port })
      listener.on("error", (cause) => {
        failed({ remoteAddress: "unknown", error: new HandshakeError("ACCEPT", cause.message, { cause }) })
      })
      return bound
    },
    close: async (graceMs) => {
      const closed = closeListener(listener)
      connections.destroy("handshake")
      // Tells clients to make no more calls. Its callback does not wait for those that are open, so the listener does.
      grpc.tryShutdown(() => undefined)
      const timer = setTimeout(() => {
        connections.destroy("all")
      }, graceMs)
      await closed
      clearTimeout(timer)
    },
    session,
    ended: (call) => ends.of(call.metadata),
  }
}

/** A listener that throws must not decide over connections, or the process. */
function tell<Event>(listener: ((event: Event) => void) | undefined, event: Event): void {
  try {
    listener?.(event)
  } catch (error) {
    process.emitWarning(`a listener for failed handshakes threw: ${String(error)}`)
  }
}

async function listen(listener: Listener, address: { readonly host: string; readonly port: number }): Promise<number> {
  listener.listen(address)
  await once(listener, "listening")
  const bound = listener.address()
  if (bound === null || typeof bound === "string") throw new TypeError("a TCP listener has an address and a port")
  return bound.port
}

/** Ends when every connection is closed. */
function closeListener(listener: Listener): Promise<void> {
  return new Promise((resolve) => {
    listener.close(() => {
      resolve()
    })
  })
}
