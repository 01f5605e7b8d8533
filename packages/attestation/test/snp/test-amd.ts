import { constants, createPublicKey, generateKeyPairSync, sign, type KeyObject } from "node:crypto"
import { concatBytes, decodeHex, issueAttestedCertificate, parseCertificate, type Certificate } from "@contrast/crypto"
import type { SnpReferenceValues } from "@contrast/manifest"
import { idKeyDigest } from "../../src/snp/id-key.ts"
import { REPORT_BYTES, SIGNED_BYTES } from "../../src/snp/report.ts"
import type { AmdRoots } from "../../src/snp/roots.ts"

/** Plays AMD in tests: its keys, a leaf for a chip of its own, and reports that the leaf signs. No program knows it. */
export const NOW: Date = new Date("2026-06-01T00:00:00Z")

const AMD_ALGORITHM = decodeHex(
  "304606092a864886f70d01010a3039a00f300d06096086480165030402020500" +
    "a11c301a06092a864886f70d010108300d06096086480165030402020500a203020130a303020101",
)
const AMD_OID = "2b060104019c78" // 1.3.6.1.4.1.3704
const POLICY = 0x30000n
export const CHIP_ID: Uint8Array = new Uint8Array(64).fill(0xc1)
export const MEASUREMENT: Uint8Array = new Uint8Array(48).fill(0x11)
export const HOST_DATA: Uint8Array = new Uint8Array(32).fill(0x22)
export const REPORT_DATA: Uint8Array = new Uint8Array(64).fill(0x33)

function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = concatBytes(...parts)
  const size = content.length
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff]
  return concatBytes(Uint8Array.of(tag, ...length), content)
}

const sequence = (...parts: readonly Uint8Array[]): Uint8Array => der(0x30, ...parts)
const integer = (value: number): Uint8Array => der(0x02, Uint8Array.of(...(value > 0x7f ? [0, value] : [value])))
const oid = (hex: string): Uint8Array => der(0x06, decodeHex(hex))
const utcTime = (text: string): Uint8Array => der(0x17, Buffer.from(text))
const text = (value: string): Uint8Array => der(0x16, Buffer.from(value))

function signed(content: Uint8Array, key: KeyObject): Uint8Array {
  const padding = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 48 }
  return sequence(content, AMD_ALGORITHM, der(0x03, Uint8Array.of(0), sign("sha384", content, padding)))
}

interface Ca {
  readonly key: KeyObject
  readonly certificate: Certificate
}

function createCa(): Ca {
  const { privateKey: key } = generateKeyPairSync("rsa", { modulusLength: 2048 })
  return { key, certificate: issueAttestedCertificate({ key, now: NOW, serial: new Uint8Array(16).fill(5) }) }
}

const ark = createCa()
const ask = createCa()
const asvk = createCa()
const chipKey = generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey

export const roots: AmdRoots = {
  Milan: { ark: ark.certificate, issuers: { VCEK: ask.certificate, VLEK: asvk.certificate } },
}

/** What a leaf is issued with; the defaults fit the report. */
export interface LeafOptions {
  readonly commonName?: string
  readonly product?: string
  readonly bootloader?: number
  readonly chipId?: Uint8Array
  readonly notAfter?: string
  readonly issuer?: Ca
}

export function issueLeaf(options: LeafOptions = {}): Certificate {
  const {
    commonName = "SEV-VCEK",
    product = "Milan-B0",
    bootloader = 3,
    chipId = CHIP_ID,
    notAfter = "320101000000Z",
    issuer = ask,
  } = options
  const extension = (suffix: string, value: Uint8Array): Uint8Array => sequence(oid(AMD_OID + suffix), der(0x04, value))
  const spl = (number: number, value: number): Uint8Array =>
    extension(`0103${number.toString(16).padStart(2, "0")}`, integer(value))
  const extensions = sequence(
    extension("0101", integer(0)),
    extension("0102", text(product)),
    ...[spl(1, bootloader), spl(2, 0), spl(3, 8), spl(4, 0), spl(5, 0), spl(6, 0), spl(7, 0), spl(8, 115)],
    extension("0104", chipId),
  )
  const name = sequence(der(0x31, sequence(oid("550403"), der(0x0c, Buffer.from(commonName)))))
  const content = sequence(
    ...[der(0xa0, integer(2)), integer(0), AMD_ALGORITHM, issuer.certificate.subject],
    sequence(utcTime("250101000000Z"), utcTime(notAfter)),
    name,
    createPublicKey(chipKey).export({ type: "spki", format: "der" }),
    der(0xa3, extensions),
  )
  return parseCertificate(signed(content, issuer.key))
}

/** What a revocation list says; the default is current and empty. */
export interface CrlOptions {
  readonly revoked?: readonly Uint8Array[]
  readonly nextUpdate?: string
  readonly issuer?: Ca
}

export function issueCrl({ revoked = [], nextUpdate = "270101000000Z", issuer = ark }: CrlOptions = {}): Uint8Array {
  const entries = revoked.map((serial) => sequence(der(0x02, serial), utcTime("250601000000Z")))
  const content = sequence(
    ...[integer(1), AMD_ALGORITHM, issuer.certificate.subject, utcTime("260101000000Z"), utcTime(nextUpdate)],
    ...(entries.length > 0 ? [sequence(...entries)] : []),
  )
  return signed(content, issuer.key)
}

export const otherCa: Ca = createCa()
export const askSerial: Uint8Array = ask.certificate.serialNumber

/** A report of version 3 that is good in every way, after `change` and signed by the chip. */
export function signReport(change: (view: DataView) => void = () => undefined): Uint8Array {
  const report = new Uint8Array(REPORT_BYTES)
  const view = new DataView(report.buffer)
  view.setUint32(0x000, 3, true)
  view.setUint32(0x004, 2, true)
  view.setBigUint64(0x008, POLICY, true)
  view.setUint32(0x034, 1, true)
  view.setBigUint64(0x040, 1n, true)
  report.set(REPORT_DATA, 0x050)
  report.set(MEASUREMENT, 0x090)
  report.set(HOST_DATA, 0x0c0)
  report.set(idKeyDigest(MEASUREMENT, POLICY), 0x0e0)
  report.fill(0xff, 0x160, 0x180)
  report.set([0x19, 0x01, 0x01], 0x188)
  report.set(CHIP_ID, 0x1a0)
  for (const offset of [0x038, 0x180, 0x1e0, 0x1f0]) report.set([3, 0, 0, 0, 0, 0, 8, 115], offset)
  for (const offset of [0x1e8, 0x1ec]) report.set([4, 52, 1], offset)
  change(view)
  const signature = sign("sha384", report.subarray(0, SIGNED_BYTES), { key: chipKey, dsaEncoding: "ieee-p1363" })
  report.set(signature.subarray(0, 48).toReversed(), SIGNED_BYTES)
  report.set(signature.subarray(48).toReversed(), SIGNED_BYTES + 72)
  return report
}

/** Reference values that accept the report. */
export const values: SnpReferenceValues = {
  kind: "snp",
  platform: "Metal-QEMU-SNP",
  productName: "Milan",
  trustedMeasurement: MEASUREMENT,
  minimumTcb: { bootloaderVersion: 3, teeVersion: 0, snpVersion: 8, microcodeVersion: 115 },
  guestPolicy: {
    ...{ abiMinor: 0, abiMajor: 0, smt: true, migrateMa: false, debug: false, singleSocket: false, cxlAllowed: false },
    ...{ memAes256Xts: false, raplDis: false, cipherTextHidingDram: false, pageSwapDisable: false },
  },
  platformInfo: {
    ...{ smtEnabled: true, tsmeEnabled: false, eccEnabled: false, raplDisabled: false },
    ...{ ciphertextHidingDramEnabled: false, aliasCheckComplete: false, tioEnabled: false },
  },
  minimumMitigationVector: 0n,
  allowedChipIds: [],
}
