import { readdir, rm } from "node:fs/promises"
import path from "node:path"
import { initdataHash } from "@contrast/policy"
import type { FileWrite } from "./files.ts"
import type { History } from "./history.ts"
import { fileError } from "./system-error.ts"

/** Manifests and policies of a Coordinator's answer, as `verify` keeps them. */
export function historyFiles(folder: string, { response }: History): readonly FileWrite[] {
  const { Manifests: manifests, Policies: policies } = response
  const file = (name: string, content: Uint8Array): FileWrite => ({ path: path.join(folder, name), content })
  const distinct = new Map(policies.map((policy) => [initdataHash(policy), policy]))
  return [
    ...manifests.map((manifest, index) => file(`manifest.${index}.json`, manifest)),
    ...[...distinct].map(([hash, policy]) => file(`initdata.${hash}.toml`, policy)),
  ]
}

/** Removes manifests and policies of an earlier answer that are not part of this one. */
export async function removeOlderFiles(folder: string, history: History): Promise<void> {
  const current = new Set(historyFiles(folder, history).map((file) => path.basename(file.path)))
  try {
    const names = await readdir(folder)
    const older = names.filter((name) => /^(?:manifest\.\d+\.json|initdata\.[0-9a-f]{64}\.toml)$/.test(name))
    await Promise.all(older.filter((name) => !current.has(name)).map((name) => rm(path.join(folder, name))))
  } catch (error) {
    throw fileError("tidy up", folder, error)
  }
}
