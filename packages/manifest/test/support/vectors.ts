import { existsSync, readFileSync, readdirSync } from "node:fs"
import path from "node:path"
import { describe } from "@jest/globals"

const folder = process.env["CONTRAST_VECTORS"] ?? path.resolve(import.meta.dirname, "../../../../../shared/vectors")

/** A suite over the outside vectors, which is skipped where there are none. */
export function describeVectors(title: string, suite: () => void): void {
  if (existsSync(folder)) describe(title, suite)
  else describe.skip(`${title} (no outside vectors: set CONTRAST_VECTORS)`, suite)
}

/** The bytes of one vector file. */
export function readVector(name: string): Uint8Array {
  return new Uint8Array(readFileSync(path.join(folder, name)))
}

/** Names of the files in one vector folder. */
export function listVectors(name: string): readonly string[] {
  return existsSync(folder) ? readdirSync(path.join(folder, name)) : []
}
