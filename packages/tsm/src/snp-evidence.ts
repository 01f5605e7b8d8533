import { encodeSnpDocument, parseReport, REPORT_BYTES, selectEndorsements, type AmdRoots } from "@contrast/attestation"
import { readCertificateTable } from "./certificate-table.ts"
import type { TsmAnswer } from "./entry.ts"
import { TsmError } from "./error.ts"

/** By what the host's certificates are judged. */
export interface SnpEvidenceContext {
  readonly now: Date
  readonly amdRoots: AmdRoots | undefined
}

/** Report data and evidence document of an answer. */
export interface PlatformEvidence {
  readonly reportData: Uint8Array
  readonly document: Uint8Array
}

/**
 * The evidence document of a report, with those of the host's certificates that a verifier would accept. Others are left
 * out: evidence is good without them, and would be refused with them.
 *
 * @throws {@link TsmError} `ANSWER`.
 */
export function snpEvidence(
  { outblob, auxblob = new Uint8Array(0) }: TsmAnswer,
  { now, amdRoots }: SnpEvidenceContext,
): PlatformEvidence {
  if (outblob.length !== REPORT_BYTES) {
    throw new TsmError("ANSWER", `expected a report of ${REPORT_BYTES} bytes, got ${outblob.length}`)
  }
  const candidates = readCertificateTable(auxblob)
  const endorsements = selectEndorsements(outblob, candidates, { now, ...(amdRoots && { roots: amdRoots }) })
  return {
    reportData: parseReport(outblob).reportData,
    document: encodeSnpDocument({ report: outblob, ...endorsements }),
  }
}
