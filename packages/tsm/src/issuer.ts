import { setTimeout as delay } from "node:timers/promises"
import { EVIDENCE_OIDS, REPORT_DATA_BYTES, type AmdRoots, type Issuer } from "@contrast/attestation"
import { equalBytes } from "@contrast/crypto"
import { attempt } from "./attempts.ts"
import type { TsmAnswer } from "./entry.ts"
import { TsmError } from "./error.ts"
import { TSM_DIRECTORY } from "./platform.ts"
import type { TsmPlatform } from "./provider.ts"
import { Queue } from "./queue.ts"
import { snpEvidence, type PlatformEvidence } from "./snp-evidence.ts"
import { tdxEvidence } from "./tdx-evidence.ts"
import { SYSTEM_FILES, type TsmFiles } from "./tsm-files.ts"

/** How evidence is obtained. */
export interface TsmIssuerOptions {
  readonly platform: TsmPlatform
  readonly now: () => Date
  /** The default is {@link TSM_DIRECTORY}. */
  readonly directory?: string
  readonly files?: TsmFiles
  /** Waits between attempts. */
  readonly delay?: (milliseconds: number) => Promise<unknown>
  /** By what the host's certificates are judged. The default is what AMD publishes; no program passes another. */
  readonly amdRoots?: AmdRoots
}

/** A report takes some 30 ms, so that whoever is last waits for a second. Anybody may ask, so what waits has a bound. */
const MAX_WAITING = 32

/** The host throttles requests, and all of them come from this one process. */
const queue = new Queue(MAX_WAITING)

/**
 * Issues evidence of this guest through the kernel's interface (configfs-tsm). Requests of a process are made one after
 * the other.
 *
 * Its `issue` throws {@link TsmError}; `RangeError` for report data of another size than 64 bytes.
 */
export function createTsmIssuer(options: TsmIssuerOptions): Issuer {
  const { platform, directory = TSM_DIRECTORY, files = SYSTEM_FILES } = options
  const oid = EVIDENCE_OIDS[platform]
  const issue: Issuer["issue"] = async (reportData, signal) => {
    if (reportData.length !== REPORT_DATA_BYTES) {
      throw new RangeError(`report data must have ${REPORT_DATA_BYTES} bytes, got ${reportData.length}`)
    }
    const request = { platform, directory, files, reportData, delay: options.delay ?? delay }
    const evidence = toEvidence(await queue.run(() => attempt(request), signal), options)
    if (equalBytes(evidence.reportData, reportData)) return { oid, document: evidence.document }
    throw new TsmError("REPORT_DATA", "the kernel's answer is about other report data than what was asked for")
  }
  return { oid, issue }
}

function toEvidence(answer: TsmAnswer, { platform, now, amdRoots }: TsmIssuerOptions): PlatformEvidence {
  switch (platform) {
    case "snp":
      return snpEvidence(answer, { now: now(), amdRoots })
    case "tdx":
      return tdxEvidence(answer)
  }
}
