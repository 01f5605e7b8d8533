import {
  CryptoError,
  findIpAddress,
  parseSubjectAltNames,
  type Certificate,
  type SubjectAltNames,
} from "@contrast/crypto"
import { CoordinatorError } from "../error.ts"
import { issueChain } from "./authority.ts"
import type { Coordinator } from "./coordinator.ts"
import type { MeshPeer } from "./mesh-trust.ts"

/** Whom a mesh certificate is for, besides what the manifest says. */
export interface Enrolment {
  readonly peer: MeshPeer
  /** TLS has proven possession of its key. */
  readonly clientCertificate: Certificate
  readonly remoteAddress: string
}

/** What a workload starts with. */
export interface MeshCredentials {
  /** The leaf, then the intermediate. */
  readonly chainPem: string
  readonly meshCaPem: string
  readonly rootCaPem: string
  /** Only if the manifest gives this workload one. */
  readonly workloadSecret: Uint8Array | undefined
}

/**
 * Issues a certificate over the client's key for the names that the manifest gives it, and derives its secret.
 *
 * @throws {@link CoordinatorError} `POLICY_NAMES`.
 */
export function issueMeshCredentials(
  { now, log }: Pick<Coordinator, "now" | "log">,
  enrolment: Enrolment,
): MeshCredentials {
  const { peer, clientCertificate, remoteAddress } = enrolment
  const { state, attested, entry } = peer
  const { policyHash } = attested
  const { workloadSecretId } = entry
  const chainPem = issueChain(
    state.authority,
    {
      publicKey: clientCertificate.subjectPublicKeyInfo,
      names: withAddress(namesOf(peer), remoteAddress),
      extensions: attested.claims(),
      ...(workloadSecretId !== undefined && { workloadSecretId }),
    },
    now(),
  )
  const workloadSecret = workloadSecretId === undefined ? undefined : state.seedEngine.workloadSecret(workloadSecretId)

  const recipient = { policyHash, workloadSecretId, peer: remoteAddress }
  log.info("a mesh certificate was issued", { event: "certificate-issued", ...recipient })
  if (workloadSecret !== undefined) {
    log.audit("a workload secret was released", { event: "workload-secret-released", ...recipient })
  }
  const { meshCaPem, rootCaPem } = state.authority
  return { chainPem, meshCaPem, rootCaPem, workloadSecret }
}

/** No manifest with unfit names can be set, but one that another release has set may be recovered. */
function namesOf({ attested, entry }: MeshPeer): SubjectAltNames {
  try {
    return parseSubjectAltNames(entry.sans)
  } catch (cause) {
    if (!(cause instanceof CryptoError)) throw cause
    const message = `the manifest gives policy ${attested.policyHash} names that no certificate can carry: ${cause.message}`
    throw new CoordinatorError("POLICY_NAMES", message, { cause })
  }
}

/** An address that is none, or of a zone, is left out. */
function withAddress(names: SubjectAltNames, remoteAddress: string): SubjectAltNames {
  const address = findIpAddress(remoteAddress)
  if (address === undefined || names.ips.includes(address)) return names
  return { ...names, ips: [...names.ips, address] }
}
