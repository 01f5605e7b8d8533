import {
  findIntelQuery,
  type IntelQuery,
  parseReport,
  parseVekExtensions,
  productLineOf,
  tcbOf,
  tcbParts,
  type TcbPart,
  type TcbVersion,
} from "@contrast/attestation"
import { type Item, vcekItem } from "@contrast/collateral"
import { encodeHex, parseCertificate } from "@contrast/crypto"
import type { Manifest, MinimumTcb, SnpReferenceValues } from "@contrast/manifest"
import { CliError } from "./error.ts"
import type { EvidenceFile } from "./inspect/evidence-file.ts"

/** The keys of `MinimumTCB` by the parts of a TCB version. */
const MINIMUM_OF: Readonly<Record<TcbPart, keyof MinimumTcb>> = {
  bootloader: "bootloaderVersion",
  tee: "teeVersion",
  snp: "snpVersion",
  microcode: "microcodeVersion",
  fmc: "fmcVersion",
}

/**
 * What evidence that a manifest accepts will need, as far as the manifest tells. Chips whose list it has are asked for at
 * their minimum TCB version; one that reports a higher version needs another certificate.
 */
export function itemsOfManifest({ referenceValues }: Manifest): readonly Item[] {
  return referenceValues.flatMap((values): readonly Item[] => {
    if (values.kind === "snp") return itemsOfSnp(values)
    return values.kind === "tdx" ? [...INTEL_COMMON, { kind: "pck-crl", ca: "platform" }] : []
  })
}

/** The evaluation number that Intel's statements must have at least for some entry of the manifest; 0 demands nothing. */
export function minimumEvaluationOf({ referenceValues }: Manifest): number {
  return Math.max(
    0,
    ...referenceValues.map((values) => (values.kind === "tdx" ? values.minTcbEvaluationDataNumber : 0)),
  )
}

/** What an Intel platform needs. */
export function itemsOfPlatform({ fmspc, ca }: Pick<IntelQuery, "fmspc" | "ca">): readonly Item[] {
  return [{ kind: "tcb-info", fmspc: encodeHex(fmspc) }, ...INTEL_COMMON, { kind: "pck-crl", ca }]
}

/**
 * What one piece of evidence needs.
 *
 * @throws {@link CliError} `EVIDENCE_FILE` if it does not tell.
 */
export function itemsOfEvidence(file: EvidenceFile): readonly Item[] {
  if (file.platform === "insecure") return []
  const items = file.platform === "snp" ? itemsOfReport(file) : itemsOfQuote(file.quote)
  if (items !== undefined) return items
  throw new CliError("EVIDENCE_FILE", "the evidence does not say which machine it is from", {
    hint: "a report of version 2 tells only with its certificate: use the evidence document instead",
  })
}

const INTEL_COMMON: readonly Item[] = [{ kind: "qe-identity" }, { kind: "root-crl" }]

function itemsOfSnp({ productName: line, allowedChipIds, minimumTcb }: SnpReferenceValues): readonly Item[] {
  if (line === undefined) return []
  const parts = tcbParts(line).map((part) => [part, minimumTcb[MINIMUM_OF[part]]] as const)
  const isKnown = parts.every(([, value]) => value !== undefined)
  const reportedTcb: TcbVersion = { ...NO_TCB, ...(Object.fromEntries(parts) as Partial<TcbVersion>) } // checked above
  const chips = isKnown ? allowedChipIds : []
  return [{ kind: "amd-crl", line, signer: "VCEK" }, ...chips.map((chipId) => vcekItem({ line, chipId, reportedTcb }))]
}

const NO_TCB: TcbVersion = { bootloader: 0, tee: 0, snp: 0, microcode: 0 }

function itemsOfReport({ parts }: Extract<EvidenceFile, { platform: "snp" }>): readonly Item[] | undefined {
  const report = parseReport(parts.report)
  const { signingKey: signer, chipId } = report
  const leaf = signer === "VLEK" ? parts.vlek : parts.vcek
  const line = productLineOf(report) ?? (leaf && parseVekExtensions(parseCertificate(leaf))?.line)
  const reportedTcb = line && tcbOf(report, "reported", line)
  if (line === undefined || reportedTcb === undefined || signer === undefined) return undefined
  const crl: Item = { kind: "amd-crl", line, signer }
  return signer === "VCEK" ? [crl, vcekItem({ line, chipId, reportedTcb })] : [crl]
}

function itemsOfQuote(quote: Uint8Array): readonly Item[] | undefined {
  const query = findIntelQuery(quote)
  return query && itemsOfPlatform(query)
}
