export { type PolicyErrorCode, type Problem, PolicyError, formatProblem } from "./error.ts"
export { type Initdata, POLICY_KEY, encodeInitdata, initdataHash, readInitdata } from "./initdata.ts"
export { INITDATA_ANNOTATION, decodeAnnotation, encodeAnnotation } from "./annotation.ts"
export { embedInitdata, findInitdata } from "./embedding.ts"
export {
  type KubernetesDocument,
  type KubernetesFile,
  type TextPosition,
  FILE_LIMITS,
  encodeKubernetesFile,
  parseKubernetesFile,
} from "./kubernetes/file.ts"
export { type ConfigMapKey, type ConfigMapLookup, type ConfigMapText, findConfigMaps } from "./kubernetes/config-map.ts"
export { type WorkloadKind } from "./kubernetes/kind.ts"
export { type Workload, findWorkloads } from "./kubernetes/workload.ts"
export { type ImageFacts, type ImageFactsLookup } from "./image-facts.ts"
export { type GeneratedPolicy, type PolicyInputs, generatePolicy } from "./generate.ts"
export { type Settings } from "./document.ts"
export { DEFAULT_SETTINGS } from "./settings.ts"
