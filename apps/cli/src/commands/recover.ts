import { CryptoError, encodeHex, equalBytes, openSeedShare, parseSeedShareDocument } from "@contrast/crypto"
import { ProtocolError } from "@contrast/protocol"
import type { Context } from "../context.ts"
import { type Coordinator, type CoordinatorOptions, withCoordinator } from "../coordinator/connection.ts"
import { CliError } from "../error.ts"
import { readFileBounded } from "../file-reader.ts"
import { fetchHistory, type History, requireContained } from "../history.ts"
import { type ManifestFile, readManifestFile } from "../manifest-file.ts"
import type { Output, Report } from "../output.ts"
import { readOwnerKey } from "../owner-key-file.ts"
import { findKnownRoot, requireKnownRoot } from "../root-ca.ts"
import { findLatestTransition } from "../transition-file.ts"

export interface RecoverOptions extends CoordinatorOptions {
  readonly seedshareOwnerKey?: string
  readonly seed?: string
  readonly force?: true
  readonly acceptRollback?: true
}

const MAX_SHARES_BYTES = 1024 * 1024
const SHARES_ORIGIN = "contrast set wrote it with the first manifest; --seed names another"

/** Gives a Coordinator its seed back, after it has proven what it is. */
export async function recover(context: Context, options: RecoverOptions): Promise<Report> {
  const { workspace, output } = context
  const manifest = await readManifestFile(workspace.path("manifest", options.manifest))
  const keyPath = workspace.path("seedshareOwnerKey", options.seedshareOwnerKey)
  const sharesPath = workspace.path("seedShares", options.seed)
  const key = await readOwnerKey("seedshare", keyPath, output)
  const shares = await readFileBounded(sharesPath, MAX_SHARES_BYTES, SHARES_ORIGIN)
  const { seed, salt } = explainShares(sharesPath, keyPath, () => {
    const document = parseSeedShareDocument(shares)
    return { seed: openSeedShare(document, key), salt: document.salt }
  })
  const seen = await findLatestTransition(workspace.path("latestTransition"))
  const knownRoot = await findKnownRoot(workspace)
  const expected = options.acceptRollback ? undefined : seen
  if (options.acceptRollback) output.warn("ROLLBACK ACCEPTED: the Coordinator may come back with an older history")
  try {
    const { history, verdict } = await withCoordinator({ context, options, manifest, key }, async (coordinator) => {
      await output.during("recovering", () =>
        coordinator.recover({
          Seed: seed,
          Salt: salt,
          Force: options.force === true,
          ...(expected && { ExpectedTransitionHash: expected }),
        }),
      )
      return { history: await readHistory(coordinator, output), verdict: coordinator.verdict }
    })
    if (history !== undefined) {
      const rule = { acceptRollback: options.acceptRollback === true, output }
      requireContained(history.transitions, expected, rule)
      requireKnownRoot(history.response.RootCA, knownRoot, rule)
      warnOfOther(manifest, history, output)
    }
    output.hint("its mesh CA key is new: run contrast verify, and restart workloads that hold older certificates")
    return {
      data: {
        coordinator: options.coordinator,
        expectedTransition: expected ? encodeHex(expected) : null,
        latestTransition: history ? encodeHex(history.latest) : null,
        verdict,
      },
      text: "The Coordinator has its keys and secrets again.",
    }
  } finally {
    seed.fill(0)
  }
}

/** It has recovered by now, so that it does not answer is no failure. */
async function readHistory(coordinator: Coordinator, output: Output): Promise<History | undefined> {
  try {
    return await fetchHistory(coordinator)
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    output.warn(`the Coordinator has recovered, but does not show its history (${error.message}): run contrast verify`)
    return undefined
  }
}

/** A set that failed can have left a signed manifest with the host, which brings it back now. */
function warnOfOther({ path, bytes }: ManifestFile, { response }: History, output: Output): void {
  const active = response.Manifests.at(-1)
  if (active !== undefined && equalBytes(active, bytes)) return
  output.warn(`the manifest in force is not ${path}: run contrast verify, and set the right one`)
}

function explainShares<T>(sharesPath: string, keyPath: string, open: () => T): T {
  try {
    return open()
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error
    const isForeign = error.code === "SHARE_NOT_FOUND" || error.code === "OPEN_FAILED"
    throw new CliError("FILE_CONTENT", `${sharesPath} cannot be used with ${keyPath}: ${error.message}`, {
      cause: error,
      problems: [{ code: error.code, file: sharesPath, message: error.message }],
      hint: isForeign
        ? "the key and the shares must come from the same deployment: name them with --seedshare-owner-key and --seed"
        : "name the file that contrast set wrote with --seed; a damaged one cannot be mended",
    })
  }
}
