import type { Verdict } from "@contrast/attestation"
import { decodeUtf8, encodeHex, equalBytes } from "@contrast/crypto"
import { initdataHash } from "@contrast/policy"
import { warnOfLenientValues } from "../lenient-values.ts"
import type { Context } from "../context.ts"
import { type CoordinatorOptions, withCoordinator } from "../coordinator/connection.ts"
import { warnOfEarlierCoordinators } from "../earlier-coordinators.ts"
import { CliError } from "../error.ts"
import { writeFiles } from "../files.ts"
import { historyConfigMaps } from "../history-config-maps.ts"
import { type History, fetchHistory, requireContained } from "../history.ts"
import { readKubernetesFiles } from "../kubernetes-files.ts"
import { type ManifestFile, readManifestFile } from "../manifest-file.ts"
import type { Report } from "../output.ts"
import { matchPolicies } from "../policies.ts"
import { findKnownRoot, requireKnownRoot } from "../root-ca.ts"
import { findLatestTransition, latestTransitionFile } from "../transition-file.ts"
import { historyFiles, removeOlderFiles } from "../verify-folder.ts"
import type { Workspace } from "../workspace.ts"

export interface VerifyOptions extends CoordinatorOptions {
  readonly acceptRollback?: true
}

/** Checks a Coordinator and its history against the local manifest, and keeps what it answered. */
export async function verify(context: Context, paths: readonly string[], options: VerifyOptions): Promise<Report> {
  const { workspace, output } = context
  const manifest = await readManifestFile(workspace.path("manifest", options.manifest))
  warnOfLenientValues(manifest.path, manifest.manifest, output)
  if (paths.length > 0) matchPolicies(manifest.manifest, await readKubernetesFiles(paths, workspace))
  const seen = await findLatestTransition(workspace.path("latestTransition"))
  const knownRoot = await findKnownRoot(workspace)
  const { history, verdict } = await withCoordinator({ context, options, manifest, key: undefined }, async (to) => ({
    history: await fetchHistory(to),
    verdict: to.verdict,
  }))
  const folder = workspace.path("verify")
  // Kept before it is judged: a history that is refused is worth a look.
  await writeFiles(historyFiles(folder, history))
  const rule = { acceptRollback: options.acceptRollback === true, output }
  requireContained(history.transitions, seen, rule)
  requireKnownRoot(history.response.RootCA, knownRoot, rule)
  await removeOlderFiles(folder, history)
  warnOfEarlierCoordinators(history, seen, { folder, output })
  // Who knows a Coordinator goes on to know it, whatever is in force there; who knows none gets to know none that is refused.
  const isKnown = seen !== undefined || knownRoot !== undefined
  if (isKnown) await remember(workspace, history)
  checkActive(manifest, history, folder)
  checkPolicies(manifest, history)
  if (!isKnown) await remember(workspace, history)
  return report(manifest, history, { folder, verdict })
}

async function remember(workspace: Workspace, history: History): Promise<void> {
  const configMaps = historyConfigMaps(history)
  await writeFiles([
    ...(configMaps === undefined ? [] : [{ path: workspace.path("seenHistory"), content: configMaps }]),
    { path: workspace.path("seenRootCa"), content: history.response.RootCA },
    { path: workspace.path("seenMeshCa"), content: history.response.MeshCA },
    latestTransitionFile(workspace.path("latestTransition"), history.latest),
  ])
}

function checkActive({ path, bytes }: ManifestFile, { response }: History, folder: string): void {
  const active = response.Manifests.at(-1)
  if (active !== undefined && equalBytes(active, bytes)) return
  throw new CliError("HISTORY_DIFFERS", `the Coordinator's active manifest is not ${path}`, {
    hint: `compare ${path} with ${folder}/manifest.${response.Manifests.length - 1}.json, then set the one or take over the other`,
  })
}

function checkPolicies({ manifest }: ManifestFile, { response }: History): void {
  const served = new Set(response.Policies.map(initdataHash))
  const problems = [...manifest.policies.keys()]
    .filter((hash) => !served.has(hash))
    .map((hash) => ({ path: `$.Policies["${hash}"]`, message: "the Coordinator did not show this policy" }))
  if (problems.length === 0) return
  throw new CliError("ANSWER", "the Coordinator withholds policies of its manifest", {
    problems,
    hint: "do not trust this Coordinator; keep what it answered and find out who runs it",
  })
}

function report(
  { path, manifest }: ManifestFile,
  history: History,
  { folder, verdict }: { readonly folder: string; readonly verdict: Verdict },
): Report {
  const { Manifests: manifests, RootCA: rootCa, MeshCA: meshCa } = history.response
  const data = {
    manifest: path,
    manifests: manifests.length,
    policies: [...manifest.policies.keys()],
    latestTransition: encodeHex(history.latest),
    transitions: history.transitions.map(encodeHex),
    rootCa: decodeUtf8(rootCa),
    meshCa: decodeUtf8(meshCa),
    folder,
    verdict,
  }
  const text = [
    `The Coordinator attested, and its active manifest is ${path}.`,
    `history: ${manifests.length} manifests, latest transition ${data.latestTransition}`,
    `written to ${folder}`,
  ]
  return { data, text: text.join("\n") }
}
