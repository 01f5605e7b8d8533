export { type ManifestErrorCode, type ManifestProblem, ManifestError } from "./error.ts"
export { type Manifest, encodeManifest, parseManifest } from "./manifest.ts"
export { missingReferenceValues, validateManifest } from "./validation.ts"
export { type SecurityLevel, securityLevel } from "./security-level.ts"
export { isSeedshareOwner, isWorkloadOwner } from "./owners.ts"
export { manifestPositions } from "./manifest-position.ts"
export { type Position } from "./position.ts"
export { MAX_MANIFEST_BYTES } from "./json.ts"
export { MAX_POLICIES, type PolicyEntry, type PolicyHash } from "./policy-entry.ts"
export { type LocatedReferenceValues, type ReferenceValues, locateReferenceValues } from "./reference-values.ts"
export { defaultReferenceValues } from "./default-reference-values.ts"
export { type InsecureReferenceValues } from "./insecure-reference-values.ts"
export {
  type GuestPolicy,
  type MinimumTcb,
  type PlatformInfo,
  type SnpProduct,
  type SnpReferenceValues,
} from "./snp-reference-values.ts"
export { type TdxReferenceValues } from "./tdx-reference-values.ts"
export {
  type Platform,
  type Technology,
  PLATFORMS,
  isInsecurePlatform,
  parsePlatform,
  runtimeHandler,
  technologyOf,
} from "./platforms.ts"
export {
  type Transition,
  HASH_BYTES,
  NO_TRANSITION,
  encodeTransition,
  nextTransition,
  parseTransition,
  transitionHash,
} from "./transition.ts"
export {
  type LatestTransition,
  encodeLatestTransition,
  parseLatestTransition,
  signLatestTransition,
  verifyLatestTransition,
} from "./latest-transition.ts"
export { ownerSignatureMessage, signTransition, verifyTransitionSignature } from "./transition-signature.ts"
export { type ContentKind, CONTENT_KINDS, requireContent } from "./content.ts"
export {
  type HistoryConfigMap,
  type HistoryObjectId,
  LATEST,
  historyConfigMap,
  historyConfigMapName,
  historyObjectOf,
} from "./history-config-map.ts"
export { type HistoryEntry, type HistoryReader, MAX_TRANSITIONS, walkHistory } from "./history.ts"
