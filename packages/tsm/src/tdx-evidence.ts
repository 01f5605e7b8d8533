import { TsmError } from "./error.ts"
import type { PlatformEvidence } from "./snp-evidence.ts"

/** Evidence of TDX cannot be written yet. @throws {@link TsmError} `ANSWER`. */
export function tdxEvidence(): PlatformEvidence {
  throw new TsmError("ANSWER", "this release writes no evidence documents for TDX")
}
