export {
  AttestationAPIClient,
  type AttestationAPIServer,
  AttestationAPIService,
  AttestRequest,
  AttestResponse,
  ChallengeRequest,
  ChallengeResponse,
} from "./gen/attestation.ts"
export {
  MeshAPIClient,
  type MeshAPIServer,
  MeshAPIService,
  NewMeshCertRequest,
  NewMeshCertResponse,
  RecoverRequest as MeshRecoverRequest,
  RecoverResponse as MeshRecoverResponse,
} from "./gen/meshapi.ts"
export {
  GetManifestsRequest,
  GetManifestsResponse,
  LatestTransition,
  RecoverRequest as UserRecoverRequest,
  RecoverResponse as UserRecoverResponse,
  SeedShare,
  SeedShareDocument,
  SetManifestRequest,
  SetManifestResponse,
  UserAPIClient,
  type UserAPIServer,
  UserAPIService,
} from "./gen/userapi.ts"
export { boundedUserApi } from "./bounded-user-api.ts"
export { ERROR_CODE_KEY, errorCodeOf, fromServiceError, ProtocolError, toServiceError } from "./protocol-error.ts"
export type { ErrorCode } from "./error-code.ts"
export { EXIT, type ExitCode, exitCodeOf, isErrorCode, statusOf, type StatusRow } from "./status.ts"
export { unaryHandler } from "./unary-handler.ts"
