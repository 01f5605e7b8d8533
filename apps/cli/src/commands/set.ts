import type { KeyObject } from "node:crypto"
import type { Verdict } from "@contrast/attestation"
import { encodeHex, encodeOwnerPublicKey, equalBytes, sha256 } from "@contrast/crypto"
import { NO_TRANSITION, isWorkloadOwner, nextTransition, transitionHash } from "@contrast/manifest"
import { ProtocolError, type SetManifestRequest, type SetManifestResponse } from "@contrast/protocol"
import { warnOfLenientValues } from "../lenient-values.ts"
import type { Context } from "../context.ts"
import { type Coordinator, type CoordinatorOptions, withCoordinator } from "../coordinator/connection.ts"
import { CliError } from "../error.ts"
import { fileExists, readFileBounded } from "../file-reader.ts"
import { findHistory, type History, requireContained, type SeenRule } from "../history.ts"
import { readKubernetesFiles } from "../kubernetes-files.ts"
import { type ManifestFile, readManifestFile } from "../manifest-file.ts"
import type { Report } from "../output.ts"
import { readOwnerKey } from "../owner-key-file.ts"
import { matchPolicies } from "../policies.ts"
import { findKnownRoot, type KnownRoot, requireKnownRoot, requireNoKnownRoot } from "../root-ca.ts"
import { SetAnswer } from "../set-answer.ts"
import { findLatestTransition, parseTransitionFlag } from "../transition-file.ts"

export interface SetOptions extends CoordinatorOptions {
  readonly workloadOwnerKey?: string
  readonly atomic?: true
  readonly latestTransition?: string
  readonly signature?: string
  readonly acceptRollback?: true
}

/** ECDSA on P-521 needs 139 bytes. */
const MAX_SIGNATURE_BYTES = 256
/** After these the manifest may have been set, or not. gRPC calls it internal when the stream of a call is cut off. */
const UNCERTAIN: readonly unknown[] = ["UNREACHABLE", "TIMEOUT", "CANCELLED", "UNKNOWN", "INTERNAL"]

/** Sets a manifest at a Coordinator, and keeps what it answers. */
export async function set(context: Context, paths: readonly string[], options: SetOptions): Promise<Report> {
  const { workspace, output } = context
  const seen = {
    transition: await findLatestTransition(workspace.path("latestTransition")),
    root: await findKnownRoot(workspace),
  }
  const previous = previousTransition(options, seen.transition)
  const manifest = await readManifestFile(workspace.path("manifest", options.manifest))
  warnOfLenientValues(manifest.path, manifest.manifest, output)
  const policies = matchPolicies(manifest.manifest, await readKubernetesFiles(paths, workspace))
  const key = await findOwnerKey(context, options, manifest)
  const signature = options.signature && (await readSignature(options.signature))
  const request: SetManifestRequest = {
    Manifest: manifest.bytes,
    Policies: [...policies],
    ...(signature && { Signature: signature }),
  }
  const answer = await SetAnswer.reserve(workspace, manifest.manifest)
  try {
    const rule = { acceptRollback: options.acceptRollback === true, output }
    const { response, next, verdict } = await withCoordinator(
      { context, options, manifest, key },
      async (coordinator) => {
        const history = await findHistory(coordinator)
        requireSeen(history, seen, rule)
        // Whoever means to set the first manifest must not follow one that came in between.
        const follows = previous ?? (history === undefined ? NO_TRANSITION : undefined)
        const response = await setManifest(context, coordinator, {
          ...request,
          ...(follows && { PreviousTransitionHash: follows }),
        })
        // Releases that do not know what it was to follow may have taken it as the first.
        const before = response.SeedSharesDoc === undefined ? follows : NO_TRANSITION
        const isKnown = before !== undefined
        const next = isKnown ? after(before, manifest) : await findNext(context, coordinator, manifest, history)
        return { response, next, verdict: coordinator.verdict }
      },
    )
    const written = await answer.keep(response, next)
    return report(context, { manifest, response, verdict, next, written })
  } finally {
    await answer.discard()
  }
}

function previousTransition(options: SetOptions, seen: Uint8Array | undefined): Uint8Array | undefined {
  const { atomic, latestTransition } = options
  if (latestTransition !== undefined && !atomic) {
    throw new CliError("USAGE", "--latest-transition is of use only with --atomic", { hint: "add --atomic" })
  }
  if (!atomic) return undefined
  return latestTransition === undefined ? (seen ?? NO_TRANSITION) : parseTransitionFlag(latestTransition)
}

/** The key to show, if there is one. Whether it is the right one is for the manifest in force, which is not at hand. */
async function findOwnerKey(
  { workspace, output }: Context,
  { workloadOwnerKey: flag }: SetOptions,
  { manifest, path }: ManifestFile,
): Promise<KeyObject | undefined> {
  const owners = manifest.workloadOwnerPubKeys.length + manifest.workloadOwnerKeyDigests.length
  if (owners === 0) output.warn(`${path} names no workload owner: no other manifest can ever be set after it`)
  const keyPath = workspace.path("workloadOwnerKey", flag)
  if (!(await fileExists(keyPath))) {
    if (flag !== undefined) output.warn(`there is no ${keyPath}: the manifest is set without an owner key`)
    return undefined
  }
  const key = await readOwnerKey("workload", keyPath, output)
  if (owners > 0 && !isWorkloadOwner(manifest, encodeOwnerPublicKey(key))) {
    output.warn(`${path} does not name ${keyPath} as workload owner: it cannot set another manifest after this one`)
  }
  return key
}

async function readSignature(path: string): Promise<Uint8Array> {
  const signature = await readFileBounded(path, MAX_SIGNATURE_BYTES)
  // An empty one would count as none.
  if (signature[0] === 0x30) return signature
  throw new CliError("FILE_CONTENT", `${path} is no signature: expected ASN.1 DER`, {
    hint: "make it with contrast sign, or with openssl dgst -sha256 -sign",
  })
}

/** What this workspace has seen of its Coordinator. */
interface Seen {
  readonly transition: Uint8Array | undefined
  readonly root: KnownRoot | undefined
}

function requireSeen(history: History | undefined, { transition, root }: Seen, rule: SeenRule): void {
  requireContained(history?.transitions ?? [], transition, rule)
  if (history === undefined) requireNoKnownRoot(root, rule)
  else requireKnownRoot(history.response.RootCA, root, rule)
  if (history === undefined || transition !== undefined || root !== undefined) return
  const count = history.transitions.length
  rule.output.warn(
    `the Coordinator has a history of ${count} manifests, which this workspace has never seen: run contrast verify and look at it`,
  )
}

function after(transition: Uint8Array, { bytes }: ManifestFile): Uint8Array {
  return transitionHash(nextTransition(bytes, transition))
}

/** The transition to the manifest that was just set, if it is not known which one it follows. */
async function findNext(
  { output }: Context,
  coordinator: Coordinator,
  { bytes }: ManifestFile,
  before: History | undefined,
): Promise<Uint8Array | undefined> {
  const history = await findHistory(coordinator).catch((error: unknown) => {
    if (error instanceof ProtocolError || error instanceof CliError) return undefined
    throw error
  })
  const index = history?.response.Manifests.findLastIndex((manifest) => equalBytes(manifest, bytes)) ?? -1
  if (index >= (before?.transitions.length ?? 0)) return history?.transitions[index]
  output.warn("the manifest was set, but the history does not show it yet: run contrast verify before anything else")
  return undefined
}

async function setManifest(
  { output }: Context,
  coordinator: Coordinator,
  request: SetManifestRequest,
): Promise<SetManifestResponse> {
  try {
    return await output.during("setting the manifest", () => coordinator.setManifest(request))
  } catch (error) {
    if (!(error instanceof ProtocolError) || !UNCERTAIN.includes(error.code)) throw error
    // Not tried again: were it the first manifest, the second try would get no seed shares.
    throw new CliError("ANSWER_LOST", `the manifest was sent, but no answer came: ${error.message}`, {
      cause: error,
      hint: `run contrast verify to see whether it was set. If it was, and it was the first one, its seed shares are lost:
start that Coordinator over with an empty history while nothing depends on it`,
    })
  }
}

interface Outcome {
  readonly manifest: ManifestFile
  readonly response: SetManifestResponse
  readonly verdict: Verdict
  readonly next: Uint8Array | undefined
  readonly written: { readonly files: readonly string[]; readonly setAside: string | undefined }
}

function report({ output }: Context, { manifest, response, verdict, next, written }: Outcome): Report {
  const isFirst = response.SeedSharesDoc !== undefined
  const { files, setAside } = written
  if (setAside !== undefined) output.warn(`earlier seed shares, of another deployment, were kept as ${setAside}`)
  if (isFirst && manifest.manifest.seedshareOwnerPubKeys.length === 0) {
    output.warn("the manifest names no seed share owner: nobody can recover this Coordinator after a restart")
  }
  if (isFirst) output.hint("keep the seed shares and the seed share owner's key safe: recovery needs both")
  const data = {
    manifest: manifest.path,
    manifestHash: encodeHex(sha256(manifest.bytes)),
    policies: [...manifest.manifest.policies.keys()],
    first: isFirst,
    latestTransition: next ? encodeHex(next) : null,
    files,
    setAside: setAside ?? null,
    verdict,
  }
  const text = [`The Coordinator has taken ${manifest.path} as its ${isFirst ? "first" : "next"} manifest.`]
  return { data, text: [...text, ...files.map((file) => `written: ${file}`)].join("\n") }
}
