import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe } from "@jest/globals"

const outside = process.env["CONTRAST_VECTORS"] ?? join(import.meta.dirname, "../../../../../shared/vectors")
const inside = join(import.meta.dirname, "../vectors")
const found = existsSync(outside)

/** A suite over vectors that stay outside of the project; without them its tests are skipped, and the title says why. */
export function describeOutside(title: string, suite: () => void): void {
  const [run, suffix] = found ? [describe, ""] : [describe.skip, " (skipped: outside vectors not found)"]
  run(`${title}${suffix}`, suite)
}

export function readOutside(path: string): Buffer {
  return readFileSync(join(outside, path))
}

export function readOutsideText(path: string): string {
  return readOutside(path).toString("utf8")
}

export function readOutsideJson(path: string): unknown {
  return JSON.parse(readOutsideText(path))
}

/** Short published vectors that the project brings itself; their first field says where they come from. */
export function readInsideJson(name: string): unknown {
  return JSON.parse(readFileSync(join(inside, name), "utf8"))
}
