import { contentOf, parseDer, Tag, type Certificate } from "@contrast/crypto"
import { MAX_CERTIFICATE_BYTES } from "../evidence.ts"
import { isAmdAlgorithm } from "./amd-signature.ts"
import { hasP384Key } from "./signature.ts"
import { parseProductName, type ProductLine } from "./product-line.ts"
import { productLineOf, type SigningKey, type SnpReport } from "./report.ts"
import type { TcbPart } from "./tcb-version.ts"

/** What the extensions of a versioned endorsement key certificate (VCEK or VLEK) say. */
export interface VekExtensions {
  readonly productName: string
  /** The product line that it names; the stepping behind the dash is not used. */
  readonly line: ProductLine | undefined
  readonly tcb: Readonly<Partial<Record<TcbPart, number>>>
  /** VCEK: the chip that the key was derived from; 64 bytes, on Turin 8. */
  readonly hardwareId: Uint8Array | undefined
  /** VLEK: the provider that holds the key. */
  readonly cspId: string | undefined
}

const AMD = "1.3.6.1.4.1.3704.1"
const STRUCT_VERSION = `${AMD}.1`
const PRODUCT_NAME = `${AMD}.2`
const HARDWARE_ID = `${AMD}.4`
const CSP_ID = `${AMD}.5`

/** Parts of the TCB version (VCEK Certificate and KDS Interface Specification, certificate extensions). */
const PARTS: readonly (readonly [part: TcbPart, oid: string])[] = [
  ["bootloader", `${AMD}.3.1`],
  ["tee", `${AMD}.3.2`],
  ["snp", `${AMD}.3.3`],
  ["microcode", `${AMD}.3.8`],
  ["fmc", `${AMD}.3.9`],
]
const SPARE_PARTS: readonly string[] = [4, 5, 6, 7].map((number) => `${AMD}.3.${number}`)

const MAX_STRUCT_VERSION = 1
const HARDWARE_ID_BYTES: Readonly<Record<ProductLine, number>> = { Milan: 64, Genoa: 64, Turin: 8 }
const COMMON_NAMES: Readonly<Record<SigningKey, string>> = { VCEK: "SEV-VCEK", VLEK: "SEV-VLEK" }

/** Whether a certificate has the name, key and signature algorithm of a leaf of this kind. */
export function isVekOf(kind: SigningKey, certificate: Certificate): boolean {
  const { der, subjectCommonName, signatureAlgorithm } = certificate
  return (
    der.length <= MAX_CERTIFICATE_BYTES &&
    subjectCommonName === COMMON_NAMES[kind] &&
    hasP384Key(certificate) &&
    isAmdAlgorithm(signatureAlgorithm)
  )
}

/** Whether the extensions name what a leaf of this kind is derived from, and not what the other kind is. */
export function identifies(kind: SigningKey, { hardwareId, cspId }: VekExtensions): boolean {
  return (hardwareId !== undefined) === (kind === "VCEK") && (cspId !== undefined) === (kind === "VLEK")
}

/** What certificates that are still in use were read as: form, authenticity and the search for collateral all ask. */
const known = new WeakMap<Certificate, VekExtensions | undefined>()

/** Reads AMD's extensions; `undefined` if one is missing, ill-typed or critical. */
export function parseVekExtensions(certificate: Certificate): VekExtensions | undefined {
  if (!known.has(certificate)) known.set(certificate, parseExtensions(certificate))
  return known.get(certificate)
}

/** The line of the processor: as the report names it, or, in version 2, which does not, as the leaf does. */
export function lineOf(report: SnpReport, extensions: VekExtensions | undefined): ProductLine | undefined {
  return report.version < 3 ? extensions?.line : productLineOf(report)
}

function parseExtensions({ extensions }: Certificate): VekExtensions | undefined {
  if (extensions.some(({ critical }) => critical)) return undefined
  try {
    return readExtensions(new Map(extensions.map(({ oid, value }) => [oid, value])))
  } catch {
    return undefined
  }
}

function readExtensions(values: ReadonlyMap<string, Uint8Array>): VekExtensions {
  if (readInteger(values.get(STRUCT_VERSION)) > MAX_STRUCT_VERSION) throw new RangeError("structure version")
  for (const oid of SPARE_PARTS) {
    if (values.has(oid) && readInteger(values.get(oid)) !== 0) throw new RangeError("spare part")
  }
  const tcb: Partial<Record<TcbPart, number>> = {}
  for (const [part, oid] of PARTS) {
    if (part !== "fmc" || values.has(oid)) tcb[part] = readInteger(values.get(oid))
  }
  const productName = readText(values.get(PRODUCT_NAME))
  const line = parseProductName(productName)
  return {
    productName,
    line,
    tcb,
    hardwareId: values.has(HARDWARE_ID) ? readHardwareId(values.get(HARDWARE_ID), line) : undefined,
    cspId: values.has(CSP_ID) ? readText(values.get(CSP_ID)) : undefined,
  }
}

function readInteger(value: Uint8Array | undefined): number {
  const digits = contentOf(parseDer(required(value)), Tag.integer)
  const [high = 0, low] = digits
  // 0 to 255 takes one byte, or two with a leading zero; parseDer has seen to it that there is no shorter form.
  const inRange = digits.length === 1 ? high < 0x80 : digits.length === 2 && high === 0
  if (!inRange) throw new RangeError("expected 0 to 255")
  return low ?? high
}

function readText(value: Uint8Array | undefined): string {
  return Buffer.from(contentOf(parseDer(required(value)), Tag.ia5String)).toString("latin1")
}

/** Raw bytes on most leaves, the same bytes in an OCTET STRING on others. */
function readHardwareId(value: Uint8Array | undefined, line: ProductLine = "Milan"): Uint8Array {
  const raw = required(value)
  const size = HARDWARE_ID_BYTES[line]
  const id = raw.length === size ? raw : contentOf(parseDer(raw), Tag.octetString)
  if (id.length !== size) throw new RangeError(`expected a hardware id of ${size} bytes`)
  return id
}

function required(value: Uint8Array | undefined): Uint8Array {
  if (value === undefined) throw new RangeError("missing extension")
  return value
}
