import path from "node:path"

/** Files of a workspace, by what they hold. */
const FILES = {
  manifest: "manifest.json",
  workloadOwnerKey: "workload-owner.pem",
  seedshareOwnerKey: "seedshare-owner.pem",
  seedShares: "seed-shares.json",
  rootCa: "coordinator-root-ca.pem",
  meshCa: "mesh-ca.pem",
  verify: "verify",
  latestTransition: "verify/latest-transition",
  seenRootCa: "verify/coordinator-root-ca.pem",
  seenMeshCa: "verify/mesh-ca.pem",
  seenHistory: "verify/history.yml",
} as const

/** A file that the commands know by its meaning. */
export type WorkspaceFile = keyof typeof FILES

/** The folder where the commands keep their files, if no flag names others. */
export class Workspace {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** The path that a flag gave, or the file's own place in this folder. */
  path(file: WorkspaceFile, flag?: string): string {
    return flag ?? path.join(this.#folder, FILES[file])
  }
}
