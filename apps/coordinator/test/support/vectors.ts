import { existsSync } from "node:fs"
import { join } from "node:path"
import { describe } from "@jest/globals"

const DIRECTORY = process.env["CONTRAST_VECTORS"] ?? join(import.meta.dirname, "../../../../../shared/vectors")

/** Where the artefacts of the established implementation lie, if they are on this machine. */
export const peerVectors: string = join(DIRECTORY, "peer")

/** A group of tests that needs them; skipped where they are not, which its title says then. */
export function describeWithPeerVectors(title: string, suite: () => void): void {
  if (existsSync(peerVectors)) describe(title, suite)
  else describe.skip(`${title} (no outside vectors: set CONTRAST_VECTORS)`, suite)
}
