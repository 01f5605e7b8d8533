import type { Output } from "./output.ts"
import type { Workspace } from "./workspace.ts"

/** What every command works with. */
export interface Context {
  readonly workspace: Workspace
  readonly output: Output
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where `--output` names a place instead of a format. */
  readonly outputPath: string | undefined
}
