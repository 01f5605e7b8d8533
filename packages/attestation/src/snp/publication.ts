import { equalBytes, parseCertificate, type Certificate } from "@contrast/crypto"
import { parseRevocationList } from "../crl.ts"
import { memoize } from "../memo.ts"
import { isAmdAlgorithm, verifyAmdSignature } from "./amd-signature.ts"
import type { ProductLine } from "./product-line.ts"
import type { AmdAuthorities } from "./roots.ts"
import { tcbParts, type TcbVersion } from "./tcb-version.ts"
import { identifies, isVekOf, parseVekExtensions } from "./vek.ts"

/** The key that a VCEK certificate is about. */
export interface VcekSubject {
  readonly line: ProductLine
  readonly hardwareId: Uint8Array
  readonly tcb: TcbVersion
}

const readLeaf = memoize(parseCertificate)
const readList = memoize(parseRevocationList)

/** Whether the bytes are a VCEK certificate of this chip at this TCB version, by the authority of its line. */
export function isVcekFor(der: Uint8Array, subject: VcekSubject, ours: AmdAuthorities | undefined): boolean {
  const leaf = tryRead(readLeaf, der)
  if (ours === undefined || leaf === undefined || !isVekOf("VCEK", leaf) || !isAbout(leaf, subject)) return false
  const { subject: issuer, publicKey } = ours.issuers.VCEK
  return equalBytes(leaf.issuer, issuer) && verifyAmdSignature(publicKey, leaf.signedBytes, leaf.signature)
}

/** Whether the bytes are a revocation list by the root of the line. */
export function isAmdCrl(der: Uint8Array, ours: AmdAuthorities | undefined): boolean {
  const crl = tryRead(readList, der)
  return (
    ours !== undefined &&
    crl !== undefined &&
    equalBytes(crl.issuer, ours.ark.subject) &&
    isAmdAlgorithm(crl.signatureAlgorithm) &&
    verifyAmdSignature(ours.ark.publicKey, crl.signedBytes, crl.signature)
  )
}

function isAbout(leaf: Certificate, { line, hardwareId, tcb }: VcekSubject): boolean {
  const extensions = parseVekExtensions(leaf)
  return (
    extensions?.line === line &&
    identifies("VCEK", extensions) &&
    equalBytes(extensions.hardwareId ?? new Uint8Array(0), hardwareId) &&
    tcbParts(line).every((part) => extensions.tcb[part] === tcb[part])
  )
}

function tryRead<T>(read: (bytes: Uint8Array) => T, bytes: Uint8Array): T | undefined {
  try {
    return read(bytes)
  } catch {
    return undefined
  }
}
