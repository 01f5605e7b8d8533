import {
  type AmdQuery,
  describeTcbVersion,
  type IntelQuery,
  PRODUCT_LINES,
  type ProductLine,
  type SigningKey,
  tcbParts,
  type TcbVersion,
} from "@contrast/attestation"
import { encodeHex } from "@contrast/crypto"

/** One thing that a vendor publishes. */
export type Item =
  /** The certificate of a chip's signing key at one TCB version; the chip in hexadecimal, as AMD's service names it. */
  | { readonly kind: "vcek"; readonly line: ProductLine; readonly chipId: string; readonly tcb: TcbVersion }
  | { readonly kind: "amd-crl"; readonly line: ProductLine; readonly signer: SigningKey }
  /** Of one evaluation number; without it, of the one that Intel holds to be the standard. */
  | { readonly kind: "tcb-info"; readonly fmspc: string; readonly evaluation?: number }
  | { readonly kind: "qe-identity"; readonly evaluation?: number }
  | { readonly kind: "pck-crl"; readonly ca: IntelQuery["ca"] }
  | { readonly kind: "root-crl" }

const CHIP_ID_BYTES: Readonly<Record<ProductLine, number>> = { Milan: 64, Genoa: 64, Turin: 8 }
const FMSPC_BYTES = 6

/** The VCEK that a report needs. */
export function vcekItem({ line, chipId, reportedTcb }: Omit<AmdQuery, "kind" | "wanted">): Item {
  return { kind: "vcek", line, chipId: encodeHex(chipId.subarray(0, CHIP_ID_BYTES[line])), tcb: reportedTcb }
}

/**
 * The name of an item, the same for the same item only: letters, digits, dots and dashes, so that it can be the name of
 * a file whatever a report says.
 */
export function itemName(item: Item): string {
  switch (item.kind) {
    case "vcek":
      return [
        "vcek",
        item.line,
        item.chipId,
        tcbParts(item.line)
          .map((part) => item.tcb[part] ?? 0)
          .join("-"),
      ].join(".")
    case "amd-crl":
      return ["amd-crl", item.line, item.signer].join(".")
    case "tcb-info":
      return ["tcb-info", item.fmspc, ...evaluationOf(item)].join(".")
    case "qe-identity":
      return ["qe-identity", ...evaluationOf(item)].join(".")
    case "pck-crl":
      return ["pck-crl", item.ca].join(".")
    case "root-crl":
      return item.kind
  }
}

function evaluationOf({ evaluation }: { readonly evaluation?: number }): readonly number[] {
  return evaluation === undefined ? [] : [evaluation]
}

/** Reads what {@link itemName} writes; `undefined` for any other text. */
export function findItem(name: string): Item | undefined {
  const item = readName(name.split("."))
  return item !== undefined && itemName(item) === name ? item : undefined
}

/** Whether evidence names what the item is about, and so whoever sends evidence can name as many as he likes. */
export function isNamedByEvidence({ kind }: Item): boolean {
  return kind === "vcek" || kind === "tcb-info"
}

/** What it is, for people. Chips are not named: they tell machines apart. */
export function describeItem(item: Item): string {
  switch (item.kind) {
    case "vcek":
      return `the VCEK certificate (${item.line}, ${describeTcbVersion(item.tcb)})`
    case "amd-crl":
      return `AMD's revocation list for ${item.line} (${item.signer})`
    case "tcb-info":
      return `Intel's TCB info for FMSPC ${item.fmspc}${describeEvaluation(item)}`
    case "qe-identity":
      return `Intel's identity of the TD quoting enclave${describeEvaluation(item)}`
    case "pck-crl":
      return `Intel's revocation list of the PCK ${item.ca} CA`
    case "root-crl":
      return "Intel's revocation list of its root"
  }
}

function describeEvaluation({ evaluation }: { readonly evaluation?: number }): string {
  return evaluation === undefined ? "" : ` (evaluation number ${evaluation})`
}

function readName([kind, ...parts]: readonly string[]): Item | undefined {
  const [first = "", second = "", third = ""] = parts
  const line = PRODUCT_LINES.find((known) => known === first)
  if (kind === "vcek") return line && readVcek(line, second, third)
  if (kind === "amd-crl") {
    const signer = (["VCEK", "VLEK"] as const).find((known) => known === second)
    return line && signer && { kind, line, signer }
  }
  if (kind === "tcb-info")
    return isHex(first, FMSPC_BYTES) ? { kind, fmspc: first, ...readEvaluation(second) } : undefined
  if (kind === "qe-identity") return { kind, ...readEvaluation(first) }
  if (kind === "pck-crl") {
    const ca = (["platform", "processor"] as const).find((known) => known === first)
    return ca && { kind, ca }
  }
  return kind === "root-crl" ? { kind } : undefined
}

function readEvaluation(text: string): { readonly evaluation?: number } {
  return /^\d{1,10}$/.test(text) ? { evaluation: Number(text) } : {}
}

function readVcek(line: ProductLine, chipId: string, versions: string): Item | undefined {
  const numbers = versions.split("-")
  const parts = tcbParts(line)
  if (!isHex(chipId, CHIP_ID_BYTES[line]) || numbers.length !== parts.length) return undefined
  if (!numbers.every((text) => /^\d{1,3}$/.test(text) && Number(text) <= 0xff)) return undefined
  const tcb: TcbVersion = { bootloader: 0, tee: 0, snp: 0, microcode: 0 }
  return {
    kind: "vcek",
    line,
    chipId,
    tcb: Object.assign(tcb, Object.fromEntries(parts.map((part, index) => [part, Number(numbers[index])]))),
  }
}

function isHex(text: string, bytes: number): boolean {
  return text.length === 2 * bytes && /^[0-9a-f]*$/.test(text)
}
