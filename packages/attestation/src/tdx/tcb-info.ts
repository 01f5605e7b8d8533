import type { JsonObject } from "./json-object.ts"
import { readStatement, type Statement } from "./statement.ts"
import { readRating, type TcbRating, type TcbStatus } from "./tcb-status.ts"

/** Intel's statement about the platforms of one family (PCS API v4, TCB info of version 3). */
export interface TcbInfo extends Statement {
  /** Hexadecimal digits, lower case, as in {@link PlatformLevel} everywhere. */
  readonly fmspc: string
  readonly pceId: string
  /** Absent in statements for SGX. */
  readonly module: ModuleIdentity | undefined
  /** By major version of the module. */
  readonly moduleVersions: readonly ModuleVersion[]
  /** Highest first. */
  readonly levels: readonly PlatformLevel[]
}

/** Who signed the TDX module, and which attributes it has. */
export interface ModuleIdentity {
  readonly mrSigner: string
  readonly attributes: string
  readonly attributesMask: string
}

/** The module of one major version. */
export interface ModuleVersion extends ModuleIdentity {
  /** `tdx_01` for major version 1. */
  readonly id: string
  /** Newest first. */
  readonly levels: readonly SvnLevel[]
}

/** A level of something that has one security version. */
export interface SvnLevel extends TcbRating {
  readonly isvSvn: number
}

/** A level of the platform. */
export interface PlatformLevel extends TcbRating {
  readonly sgx: readonly number[]
  readonly pceSvn: number
  readonly tdx: readonly number[]
}

const VERSION = 3
const COMPONENTS = 16
const MAX_LEVELS = 256
const MODULE_STATUSES: readonly TcbStatus[] = ["UpToDate", "OutOfDate", "Revoked"]

/** Reads the content of a TCB info. @throws RangeError on anything that is not of version 3. */
export function parseTcbInfo(content: JsonObject): TcbInfo {
  const statement = readStatement(content, VERSION)
  const isTdx = statement.id === "TDX"
  content.integer("tcbType", 0)
  return {
    ...statement,
    fmspc: content.hex("fmspc", 6),
    pceId: content.hex("pceId", 2),
    module: isTdx ? readModule(content.object("tdxModule")) : undefined,
    moduleVersions: isTdx && content.has("tdxModuleIdentities") ? readModuleVersions(content) : [],
    levels: readLevels(content, isTdx),
  }
}

function readModule(module: JsonObject): ModuleIdentity {
  return {
    mrSigner: module.hex("mrsigner", 48),
    attributes: module.hex("attributes", 8),
    attributesMask: module.hex("attributesMask", 8),
  }
}

function readModuleVersions(content: JsonObject): readonly ModuleVersion[] {
  const versions = content.objects("tdxModuleIdentities").map((identity) => ({
    ...readModule(identity),
    id: identity.text("id").toLowerCase(),
    levels: readSvnLevels(identity, MODULE_STATUSES),
  }))
  if (new Set(versions.map(({ id }) => id)).size < versions.length) throw new RangeError("a module comes twice")
  return versions
}

/** Reads levels by security version, newest first; no two may be the same. */
export function readSvnLevels(parent: JsonObject, known?: readonly TcbStatus[]): readonly SvnLevel[] {
  const levels = parent.objects("tcbLevels").map((level) => ({
    ...readRating(level, known),
    isvSvn: level.object("tcb").integer("isvsvn", 0xffff),
  }))
  return sortLevels(levels, (a, b) => b.isvSvn - a.isvSvn)
}

function readLevels(content: JsonObject, isTdx: boolean): readonly PlatformLevel[] {
  const levels = content.objects("tcbLevels").map((level) => {
    const tcb = level.object("tcb")
    return {
      ...readRating(level),
      sgx: readComponents(tcb, "sgxtcbcomponents"),
      pceSvn: tcb.integer("pcesvn", 0xffff),
      tdx: isTdx ? readComponents(tcb, "tdxtcbcomponents") : [],
    }
  })
  if (levels.length === 0) throw new RangeError("expected at least one level")
  return sortLevels(levels, comparePlatformLevels)
}

function readComponents(tcb: JsonObject, key: string): readonly number[] {
  const components = tcb.objects(key).map((component) => component.integer("svn", 0xff))
  if (components.length !== COMPONENTS) throw new RangeError(`expected ${COMPONENTS} components`)
  return components
}

function sortLevels<T>(levels: readonly T[], compare: (a: T, b: T) => number): readonly T[] {
  if (levels.length > MAX_LEVELS) throw new RangeError(`expected at most ${MAX_LEVELS} levels`)
  const sorted = levels.toSorted(compare)
  const isTwice = (level: T, index: number): boolean => {
    const next = sorted[index + 1]
    return next !== undefined && compare(level, next) === 0
  }
  if (sorted.some(isTwice)) throw new RangeError("a level comes twice")
  return sorted
}

/** Highest first: the components of SGX, the PCE, then the components of TDX. */
function comparePlatformLevels(a: PlatformLevel, b: PlatformLevel): number {
  const numbers = ({ sgx, pceSvn, tdx }: PlatformLevel): readonly number[] => [...sgx, pceSvn, ...tdx]
  const [left, right] = [numbers(a), numbers(b)]
  const index = left.findIndex((value, position) => value !== right[position])
  return index < 0 ? 0 : (right[index] ?? 0) - (left[index] ?? 0)
}
