import { parseReport, parseTdxQuote, REPORT_DATA_BYTES, TdxQuoteError, type Verdict } from "@contrast/attestation"
import { createMemoryCache } from "@contrast/collateral"
import { decodeHex } from "@contrast/crypto"
import { manifestPositions } from "@contrast/manifest"
import { EXIT } from "@contrast/protocol"
import { type CollateralOptions, openCollateral } from "../collateral.ts"
import { readBundle } from "../collateral-bundle.ts"
import type { Context } from "../context.ts"
import { CliError } from "../error.ts"
import { type EvidenceFile, readEvidenceFile } from "../inspect/evidence-file.ts"
import { judgeEvidence } from "../inspect/judgement.ts"
import { dataOfSections, formatSections, type Section } from "../inspect/section.ts"
import { snpSections } from "../inspect/snp-sections.ts"
import { tdxSections } from "../inspect/tdx-sections.ts"
import { formatVerdict } from "../inspect/verdict-text.ts"
import { type ManifestFile, readManifestFile } from "../manifest-file.ts"
import type { Report } from "../output.ts"
import { adviceFor } from "../verdict.ts"

export interface InspectOptions extends Omit<CollateralOptions, "offline"> {
  readonly online?: true
  readonly manifest?: string
  readonly collateral?: string
  readonly now?: string
  readonly reportData?: string
}

/** Explains evidence, and judges it if there is a manifest to judge it by. */
export async function inspect(context: Context, path: string, options: InspectOptions): Promise<Report> {
  const now = parseTime(options.now)
  const file = await readEvidenceFile(path)
  const sections = explain(path, file)
  const data = {
    ...{ file: path, form: file.form, platform: file.platform, fields: dataOfSections(sections) },
    reportDataCompared: options.manifest !== undefined && options.reportData !== undefined,
  }
  const text = [`${path}: ${file.form}, platform ${file.platform}`, formatSections(sections)].filter(Boolean)
  if (options.manifest === undefined) {
    const note = "Nothing of this was verified: name a manifest with --manifest to judge it."
    return { data: { ...data, verdict: null, verdicts: [] }, text: [...text, note].join("\n\n") }
  }
  const manifest = await readManifestFile(options.manifest)
  const verdicts = await judge(context, file, { options, manifest, now })
  if (!data.reportDataCompared) {
    context.output.note("the report data was not compared: it belongs to one session (--report-data compares it)")
  }
  const [closest] = verdicts
  const isAccepted = closest?.accepted === true
  if (closest !== undefined && !isAccepted) context.output.hint(adviceFor(closest))
  return {
    data: { ...data, verdict: closest ?? null, verdicts },
    text: [...text, ...verdicts.map((verdict) => format(manifest, verdict, data))].join("\n\n"),
    exitCode: isAccepted ? EXIT.done : EXIT.attestation,
  }
}

function explain(path: string, file: EvidenceFile): readonly Section[] {
  try {
    if (file.platform === "snp") return snpSections(file.parts)
    return file.platform === "tdx" ? tdxSections(file.quote) : []
  } catch (cause) {
    if (!(cause instanceof TdxQuoteError)) throw cause
    throw new CliError("EVIDENCE_FILE", `${path} cannot be read: ${cause.message}`, { cause })
  }
}

interface Judging {
  readonly options: InspectOptions
  readonly manifest: ManifestFile
  readonly now: Date
}

async function judge(
  context: Context,
  file: EvidenceFile,
  { options, manifest: { manifest }, now }: Judging,
): Promise<readonly Verdict[]> {
  if (file.platform === "insecure" || file.evidence === undefined) {
    const what =
      file.platform === "insecure" ? "the insecure platform proves nothing" : "this is no quote of a TDX machine"
    throw new CliError("ATTESTATION", what, { hint: "evidence of SEV-SNP and TDX can be judged" })
  }
  const { evidence } = file
  // The session is not known here: its own report data passes the check, and the caller says that it was not compared.
  const reportData = options.reportData === undefined ? reportDataOf(file) : parseReportData(options.reportData)
  const cache = options.collateral === undefined ? undefined : createMemoryCache(await readBundle(options.collateral))
  const isOffline = options.online !== true
  const collateral = openCollateral(
    context,
    { ...options, offline: isOffline },
    { judgedAt: () => now, ...(cache && { cache }) },
  )
  try {
    return await context.output.during("judging the evidence", () =>
      judgeEvidence(evidence, { manifest, trust: { ...context.roots, collateral }, reportData, now }),
    )
  } finally {
    await collateral.close()
  }
}

function reportDataOf(file: Exclude<EvidenceFile, { platform: "insecure" }>): Uint8Array {
  return file.platform === "snp" ? parseReport(file.parts.report).reportData : parseTdxQuote(file.quote).body.reportData
}

function format(
  manifest: ManifestFile,
  verdict: Verdict,
  { reportDataCompared }: { readonly reportDataCompared: boolean },
): string {
  const position = manifestPositions(manifest.bytes)
  const positionOf = (path: string): string => `${manifest.path}:${position(path).line} ${path}`
  return formatVerdict(verdict, { positionOf, reportDataCompared })
}

function parseTime(text: string | undefined): Date {
  if (text === undefined) return new Date()
  const time = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(text) ? new Date(text) : undefined
  if (time !== undefined && !Number.isNaN(time.getTime())) return time
  throw new CliError("USAGE", `expected a time like 2026-01-31T12:00:00Z as --now, got "${text}"`)
}

function parseReportData(text: string): Uint8Array {
  if (new RegExp(`^[0-9a-f]{${2 * REPORT_DATA_BYTES}}$`, "i").test(text)) return decodeHex(text)
  throw new CliError("USAGE", `expected ${2 * REPORT_DATA_BYTES} hexadecimal digits as --report-data`)
}
