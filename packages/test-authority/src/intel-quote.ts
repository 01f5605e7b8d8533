import { createPublicKey, sign, type KeyObject } from "node:crypto"
import { concatBytes, decodeHex, generateP256Key, sha256 } from "@contrast/crypto"
import { intelAuthorities, type IntelAuthority } from "./intel-authority.ts"
import { issueIntelPck } from "./intel-pck.ts"
import { INTEL_QE_SIGNER, INTEL_TEE_TCB_SVN, intelChain } from "./intel-statement.ts"

/** What a quote says and who signs it; by default all of it is good. */
export interface IntelQuoteOptions {
  /** 4, or 5 with the body of TDX 1.5. */
  readonly version?: 4 | 5
  readonly reportData?: Uint8Array
  readonly hostData?: Uint8Array
  /** The platform. */
  readonly pck?: IntelAuthority
  /** PEM; by default the platform, the Platform CA, the root. */
  readonly chain?: Uint8Array
  /** Change the parts before they are signed. */
  readonly header?: (header: Uint8Array) => void
  readonly body?: (body: Uint8Array) => void
  readonly qeReport?: (report: Uint8Array) => void
  /** Certification data, its type first; by default type 5 with the chain. */
  readonly certificationType?: number
  /** Zeros behind the quote. */
  readonly padding?: number
}

/** What the played TD is made of; reference values that accept it have the same. */
export const INTEL_TD: {
  readonly mrTd: Uint8Array
  readonly mrSeam: Uint8Array
  readonly rtmrs: readonly Uint8Array[]
  readonly xfam: Uint8Array
} = {
  mrTd: new Uint8Array(48).fill(0x71),
  mrSeam: new Uint8Array(48).fill(0x72),
  rtmrs: [0x73, 0x74, 0x75, 0].map((byte) => new Uint8Array(48).fill(byte)),
  xfam: decodeHex("e702060000000000"),
}

const QE_VENDOR = decodeHex("939a7233f79c4ca9940a0db3957f0607")
const SEPT_VE_DISABLE = Uint8Array.of(0, 0, 0, 0x10, 0, 0, 0, 0)
const BODY_BYTES = { 4: 584, 5: 648 } as const
const QE_AUTHENTICATION_DATA = Uint8Array.from({ length: 32 }, (_, index) => index)

let platform: IntelAuthority | undefined
let attestationKey: KeyObject | undefined

/** The platform that makes quotes when no other is named; made once in a process. */
export function intelPlatform(): IntelAuthority {
  platform ??= issueIntelPck()
  return platform
}

/** Makes a quote as the quoting enclave does. */
export function signIntelQuote(options: IntelQuoteOptions = {}): Uint8Array {
  const { version = 4, padding = 0 } = options
  const header = createHeader(version)
  options.header?.(header)
  const body = createBody(version, options)
  options.body?.(body)
  const descriptor = version === 5 ? concatBytes(u16(3), u32(body.length)) : new Uint8Array(0)
  const signed = concatBytes(header, descriptor, body)
  const data = createSignatureData(signed, options)
  return concatBytes(signed, u32(data.length), data, new Uint8Array(padding))
}

function createHeader(version: number): Uint8Array {
  return concatBytes(u16(version), u16(2), u32(0x81), u32(0), QE_VENDOR, new Uint8Array(20))
}

function createBody(version: 4 | 5, { reportData, hostData }: IntelQuoteOptions): Uint8Array {
  const body = new Uint8Array(BODY_BYTES[version])
  body.set(INTEL_TEE_TCB_SVN, 0)
  body.set(INTEL_TD.mrSeam, 16)
  body.set(SEPT_VE_DISABLE, 120)
  body.set(INTEL_TD.xfam, 128)
  body.set(INTEL_TD.mrTd, 136)
  body.set(hostData ?? [], 184)
  body.set(concatBytes(...INTEL_TD.rtmrs), 328)
  body.set(reportData ?? [], 520)
  if (version === 5) body.set(INTEL_TEE_TCB_SVN, 584)
  return body
}

function createSignatureData(signed: Uint8Array, options: IntelQuoteOptions): Uint8Array {
  attestationKey ??= generateP256Key()
  const { platformCa, root } = intelAuthorities()
  const { pck = intelPlatform(), certificationType = 5 } = options
  const chain = options.chain ?? intelChain(pck, platformCa, root)
  const point = publicPoint(attestationKey)
  const report = createQeReport(sha256(concatBytes(point, QE_AUTHENTICATION_DATA)))
  options.qeReport?.(report)
  const authentication = concatBytes(u16(QE_AUTHENTICATION_DATA.length), QE_AUTHENTICATION_DATA)
  const certification = concatBytes(
    ...[report, signRaw(pck.key, report), authentication],
    ...[u16(certificationType), u32(chain.length), chain],
  )
  return concatBytes(signRaw(attestationKey, signed), point, u16(6), u32(certification.length), certification)
}

function createQeReport(keyDigest: Uint8Array): Uint8Array {
  const report = new Uint8Array(384)
  report[48] = 0x11
  report.set(INTEL_QE_SIGNER, 128)
  report.set(u16(2), 256)
  report.set(u16(6), 258)
  report.set(keyDigest, 320)
  return report
}

function signRaw(key: KeyObject, bytes: Uint8Array): Uint8Array {
  return sign("sha256", bytes, { key, dsaEncoding: "ieee-p1363" })
}

/** X and Y: the end of the key's encoding. */
function publicPoint(key: KeyObject): Uint8Array {
  return createPublicKey(key).export({ type: "spki", format: "der" }).subarray(-64)
}

function u16(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, value >> 8)
}

function u32(value: number): Uint8Array {
  return concatBytes(u16(value & 0xffff), u16(value >>> 16))
}
