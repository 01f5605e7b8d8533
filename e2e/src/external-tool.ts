import { existsSync } from "node:fs"
import path from "node:path"
import { repository } from "./program.ts"

/** Where `npm run tools` puts an external tool. */
export function externalTool(name: string): string {
  return path.join(repository, ".cache/tools", name)
}

/**
 * Why something that needs an external tool is left out, or undefined if the tool is there. Stands in the title of what is
 * skipped, and so in the list of skipped tests.
 */
export function findMissing(tool: string | undefined): string | undefined {
  if (tool === undefined || existsSync(externalTool(tool))) return undefined
  return `skipped: no ${tool}, fetch it with npm run tools -- ${tool}`
}
