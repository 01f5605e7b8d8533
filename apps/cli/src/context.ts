import type { Trust } from "@contrast/attestation"
import type { Output } from "./output.ts"
import type { Workspace } from "./workspace.ts"

/** Whom the program believes about hardware, if not AMD and Intel: nothing on its command line or around it can say so. */
export type TrustRoots = Omit<Trust, "collateral">

/** What every command works with. */
export interface Context {
  readonly workspace: Workspace
  readonly output: Output
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where `--output` names a place instead of a format. */
  readonly outputPath: string | undefined
  readonly roots: TrustRoots
}
