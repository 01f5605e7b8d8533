import { KNOWN_PATTERNS } from "./known-patterns.ts"

/** Names of variables that kubelet sets for the services of the namespace, and the values they have; no anchors. */
export interface ServiceVariable {
  readonly name: string
  readonly value: string
}

const PORT = "[0-9]{1,5}"
const HOST = KNOWN_PATTERNS.address
const URL_HOST = "([0-9]{1,3}(\\.[0-9]{1,3}){3}|\\[[0-9a-f:.]{2,45}\\])"
const SERVICE = "[A-Z]([A-Z0-9_]{0,61}[A-Z0-9])?"
const ENDPOINT = `[0-9]{1,5}_(TCP|UDP|SCTP)`
const PROTOCOL = "(tcp|udp|sctp)"

/** Variables of the API server, which every container gets. */
export const KUBERNETES_VARIABLES: readonly ServiceVariable[] = [
  { name: "KUBERNETES_SERVICE_HOST", value: HOST },
  { name: "KUBERNETES_SERVICE_PORT(_HTTPS)?", value: PORT },
  { name: "KUBERNETES_PORT(_443_TCP)?", value: `tcp://${URL_HOST}:${PORT}` },
  { name: "KUBERNETES_PORT_443_TCP_PROTO", value: "tcp" },
  { name: "KUBERNETES_PORT_443_TCP_PORT", value: PORT },
  { name: "KUBERNETES_PORT_443_TCP_ADDR", value: HOST },
]

/** Variables of any service, which a container gets unless `enableServiceLinks` is false. */
export const SERVICE_VARIABLES: readonly ServiceVariable[] = [
  { name: `${SERVICE}_SERVICE_HOST`, value: HOST },
  { name: `${SERVICE}_SERVICE_PORT(_[A-Z0-9_]{1,63})?`, value: PORT },
  { name: `${SERVICE}_PORT(_${ENDPOINT})?`, value: `${PROTOCOL}://${URL_HOST}:${PORT}` },
  { name: `${SERVICE}_PORT_${ENDPOINT}_PROTO`, value: PROTOCOL },
  { name: `${SERVICE}_PORT_${ENDPOINT}_PORT`, value: PORT },
  { name: `${SERVICE}_PORT_${ENDPOINT}_ADDR`, value: HOST },
]
