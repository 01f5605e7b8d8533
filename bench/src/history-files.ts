import { mkdir, writeFile } from "node:fs/promises"
import path from "node:path"
import { encodeHex, type SeedEngine, sha256 } from "@contrast/crypto"
import {
  encodeLatestTransition,
  encodeTransition,
  nextTransition,
  NO_TRANSITION,
  signLatestTransition,
  transitionHash,
} from "@contrast/manifest"

export interface HistoryFiles {
  readonly folder: string
  readonly manifest: Uint8Array
  readonly policies: readonly Uint8Array[]
  readonly engine: SeedEngine
  readonly transitions: number
}

/** Writes a data directory whose history sets the same manifest again and again, as a Coordinator would have left it. */
export async function writeHistory({ folder, manifest, policies, engine, transitions }: HistoryFiles): Promise<void> {
  for (const kind of ["policies", "manifests", "transitions"]) {
    await mkdir(path.join(folder, kind), { recursive: true, mode: 0o700 })
  }
  await put(folder, "manifests", manifest)
  for (const policy of policies) await put(folder, "policies", policy)
  let head = NO_TRANSITION
  for (let count = 0; count < transitions; count += 1) {
    const transition = nextTransition(manifest, head)
    await put(folder, "transitions", encodeTransition(transition))
    head = transitionHash(transition)
  }
  const latest = signLatestTransition(engine.transactionSigningKey, head)
  await writeFile(path.join(folder, "transitions/latest"), encodeLatestTransition(latest), { mode: 0o600 })
}

async function put(folder: string, kind: string, bytes: Uint8Array): Promise<void> {
  await writeFile(path.join(folder, kind, encodeHex(sha256(bytes))), bytes, { mode: 0o600 })
}
