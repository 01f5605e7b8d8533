import {
  childrenOf,
  contentOf,
  objectIdentifierOf,
  parseDer,
  Tag,
  type Certificate,
  type DerElement,
} from "@contrast/crypto"

/** What a platform's certificate says of the platform (Intel SGX PCK Certificate and CRL Profile). */
export interface SgxExtension {
  /** Names the processor package: 16 bytes. */
  readonly ppid: Uint8Array
  /** Security versions of 16 components, which are what is compared with Intel's TCB levels. */
  readonly components: readonly number[]
  readonly pceSvn: number
  readonly cpuSvn: Uint8Array
  readonly pceId: Uint8Array
  readonly fmspc: Uint8Array
  /** 0 standard, 1 scalable, 2 scalable with integrity. */
  readonly sgxType: number
  /** Names the platform: 16 bytes. Only from the Platform CA, as is the configuration. */
  readonly piid: Uint8Array | undefined
  readonly configuration: PlatformConfiguration | undefined
}

/** How the platform was set up when it was registered with Intel. */
export interface PlatformConfiguration {
  readonly dynamicPlatform: boolean
  readonly cachedKeys: boolean
  readonly smtEnabled: boolean
}

const SGX = "1.2.840.113741.1.13.1"
const COMPONENTS = 16
const ENUMERATED = 0x0a
const MAX_SGX_TYPE = 2

/** What certificates that are still in use were read as: the search for collateral and the chain both ask. */
const known = new WeakMap<Certificate, SgxExtension | undefined>()

/** Reads Intel's extension; `undefined` if it is missing, critical or ill-formed. */
export function parseSgxExtension(certificate: Certificate): SgxExtension | undefined {
  if (!known.has(certificate)) known.set(certificate, parseExtension(certificate))
  return known.get(certificate)
}

function parseExtension({ extensions }: Certificate): SgxExtension | undefined {
  const extension = extensions.find(({ oid }) => oid === SGX)
  if (extension === undefined || extension.critical) return undefined
  try {
    return readExtension(readEntries(parseDer(extension.value), SGX))
  } catch {
    return undefined
  }
}

type Entries = ReadonlyMap<number, DerElement>

/** A SEQUENCE OF { identifier, value }, each identifier once, by its number below `parent`. */
function readEntries(element: DerElement | undefined, parent: string): Entries {
  const entries = new Map<number, DerElement>()
  for (const entry of childrenOf(element, Tag.sequence)) {
    const [id, value, ...others] = childrenOf(entry, Tag.sequence)
    const oid = objectIdentifierOf(id)
    const number = Number(oid.slice(parent.length + 1))
    if (!oid.startsWith(`${parent}.`) || !Number.isInteger(number) || entries.has(number)) {
      throw new RangeError(`expected identifiers below ${parent}, each once`)
    }
    if (value === undefined || others.length > 0) throw new RangeError("expected an identifier and a value")
    entries.set(number, value)
  }
  return entries
}

function readExtension(entries: Entries): SgxExtension {
  const tcb = readEntries(entries.get(2), `${SGX}.2`)
  const sgxType = readNumber(contentOf(entries.get(5), ENUMERATED), MAX_SGX_TYPE)
  return {
    ppid: readBytes(entries.get(1), 16),
    components: Array.from({ length: COMPONENTS }, (_, index) => readInteger(tcb.get(index + 1), 0xff)),
    pceSvn: readInteger(tcb.get(COMPONENTS + 1), 0xffff),
    cpuSvn: readBytes(tcb.get(COMPONENTS + 2), 16),
    pceId: readBytes(entries.get(3), 2),
    fmspc: readBytes(entries.get(4), 6),
    sgxType,
    piid: entries.has(6) ? readBytes(entries.get(6), 16) : undefined,
    configuration: entries.has(7) ? readConfiguration(readEntries(entries.get(7), `${SGX}.7`)) : undefined,
  }
}

function readConfiguration(entries: Entries): PlatformConfiguration {
  return {
    dynamicPlatform: readFlag(entries.get(1)),
    cachedKeys: readFlag(entries.get(2)),
    smtEnabled: readFlag(entries.get(3)),
  }
}

function readBytes(element: DerElement | undefined, size: number): Uint8Array {
  const bytes = contentOf(element, Tag.octetString)
  if (bytes.length !== size) throw new RangeError(`expected ${size} bytes, got ${bytes.length}`)
  return bytes
}

function readInteger(element: DerElement | undefined, maximum: number): number {
  return readNumber(contentOf(element, Tag.integer), maximum)
}

/** Two's complement, so that a first bit of one means a negative number. parseDer has seen to it that the form is the shortest. */
function readNumber(digits: Uint8Array, maximum: number): number {
  const value = digits.reduce((sum, digit) => sum * 256 + digit, 0)
  if (digits.length === 0 || digits.length > 3 || (digits[0] ?? 0) > 0x7f || value > maximum) {
    throw new RangeError(`expected a number up to ${maximum}`)
  }
  return value
}

function readFlag(element: DerElement | undefined): boolean {
  const [value, ...others] = contentOf(element, Tag.boolean)
  if (others.length > 0 || (value !== 0 && value !== 0xff)) throw new RangeError("expected a flag")
  return value === 0xff
}
