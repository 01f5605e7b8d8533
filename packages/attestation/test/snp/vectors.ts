import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { parseCertificatesPem } from "@contrast/crypto"

export const folder: string = join(
  process.env["CONTRAST_VECTORS"] ?? join(import.meta.dirname, "../../../../../shared/vectors"),
  "attestation",
)

/** Whether the outside vectors are there. */
export const found: boolean = existsSync(join(folder, "expected.json"))

/** Where the bytes of a case stand, and how to get at them: steps such as `hex` or `slice:32+1184`, in order. */
export interface Place {
  readonly file: string
  readonly as?: string
}

/** A case of the oracle. */
export interface SnpCase {
  readonly id: string
  readonly report: Place
  readonly leaf: Place
  readonly chain: string
  readonly now: string
  readonly refusals: readonly string[]
  readonly fields: Readonly<Record<string, unknown>>
}

/** Authorities of the oracle, with a leaf of theirs or none. */
export interface ChainCase {
  readonly file: string
  /** Common names. */
  readonly ca: string
  readonly ark: string
  readonly leaf?: Place
  readonly expect: {
    readonly ark: boolean
    readonly ca: boolean
    readonly leaf: boolean | null
    readonly extensions: Readonly<Record<string, unknown>> | null
  }
}

/** The whole oracle; nothing if it is not there. */
export function readOracle(): Readonly<Record<string, unknown>> {
  if (!found) return {}
  return JSON.parse(readFileSync(join(folder, "expected.json"), "utf8")) as Record<string, unknown>
}

export function readCases(): readonly SnpCase[] {
  return (readOracle()["snp"] ?? []) as readonly SnpCase[]
}

export function readChainCases(): readonly ChainCase[] {
  return (readOracle()["chains"] ?? []) as readonly ChainCase[]
}

export function readBytes(place: string | Place): Uint8Array {
  const { file, as = "" } = typeof place === "string" ? { file: place } : place
  const bytes: Uint8Array = new Uint8Array(readFileSync(join(folder, file)))
  return as.split(" ").filter(Boolean).reduce(applyStep, bytes)
}

function applyStep(bytes: Uint8Array, step: string): Uint8Array {
  const text = (): string => Buffer.from(bytes).toString("utf8")
  if (step === "hex") return new Uint8Array(Buffer.from(text().replace(/\s/g, ""), "hex"))
  if (step === "base64" || step === "base64url") return new Uint8Array(Buffer.from(text(), step))
  if (step === "pem0") return parseCertificatesPem(bytes)[0].der
  const [name, argument = ""] = step.split(":")
  if (name === "slice") {
    const [offset = 0, length = 0] = argument.split("+").map(Number)
    return bytes.slice(offset, offset + length)
  }
  if (name !== "json") throw new Error(`unknown step ${step}`)
  const found = argument
    .split(".")
    .reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], JSON.parse(text()))
  return typeof found === "string" ? new Uint8Array(Buffer.from(found)) : Uint8Array.from(found as number[])
}
