export type { ConnectionFailure } from "./acceptor.ts"
export { type AttestedConnection } from "./attested-connection.ts"
export { CHALLENGE_TTL_MS } from "./challenge.ts"
export { connectAttested, type ConnectOptions, type Verification } from "./client.ts"
export { HandshakeError, type HandshakeErrorCode } from "./error.ts"
export {
  HostDataError,
  type HostDataErrorCode,
  INSECURE_HOST_DATA_URL,
  readInsecureHostData,
} from "./issuer/insecure-host-data.ts"
export { type AttestedServer, type AttestedServerOptions, createAttestedServer } from "./server.ts"
export { type ServerLimits } from "./server-limits.ts"
export { type ServerSession, type ValidateEvidence } from "./server-session.ts"
export { type UnaryMethod } from "./unary-call.ts"
