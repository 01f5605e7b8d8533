import { encodeTdxDocument, parseTdxQuote } from "@contrast/attestation"
import type { TsmAnswer } from "./entry.ts"
import { TsmError } from "./error.ts"
import type { PlatformEvidence } from "./snp-evidence.ts"

/**
 * The evidence document of a quote. What Intel states about the platform is for the verifier to find.
 *
 * @throws {@link TsmError} `ANSWER`.
 */
export function tdxEvidence({ outblob }: TsmAnswer): PlatformEvidence {
  try {
    const { body } = parseTdxQuote(outblob)
    return { reportData: body.reportData, document: encodeTdxDocument(outblob) }
  } catch (cause) {
    throw new TsmError("ANSWER", `expected a quote of TDX, got ${outblob.length} bytes of something else`, { cause })
  }
}
