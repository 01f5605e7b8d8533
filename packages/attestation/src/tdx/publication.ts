import { equalBytes, type Certificate } from "@contrast/crypto"
import type { SignedCollateral } from "../collateral.ts"
import { parseRevocationList } from "../crl.ts"
import { memoize } from "../memo.ts"
import { readQeIdentity, readTcbInfo } from "./authenticity.ts"
import { mayIssuePlatforms } from "./certificate-role.ts"
import { isIntelAlgorithm, verifyDerSignature, verifyStatementSignature } from "./intel-signature.ts"
import { authorityNamed, isIntelForm, isSignedBy, type PckAuthority } from "./pck-chain.ts"
import { parsePemChain } from "./pem-chain.ts"
import type { SignedStatement } from "./statement-checks.ts"
import type { Statement } from "./statement.ts"
import { findTcbSigner } from "./tcb-signer.ts"

const readList = memoize(parseRevocationList)
const readChain = memoize((pem) => parsePemChain(pem, 2))

/** Whether Intel says it of TDX platforms of this family. */
export function isTcbInfoFor(signed: SignedCollateral, fmspc: string, root: Certificate): boolean {
  const info = findStatement(signed, readTcbInfo, root)
  return info?.id === "TDX" && info.fmspc === fmspc
}

/** Whether Intel says it of the quoting enclave of TDX. */
export function isQeIdentity(signed: SignedCollateral, root: Certificate): boolean {
  return findStatement(signed, readQeIdentity, root)?.id === "TD_QE"
}

/** Whether the bytes are a revocation list by the root. */
export function isRootCrl(der: Uint8Array, root: Certificate): boolean {
  return isListBy(der, root)
}

/** Whether the body is a revocation list by this authority, which the root vouches for. */
export function isPckCrl({ body, issuerChain }: SignedCollateral, ca: PckAuthority, root: Certificate): boolean {
  const [issuer, own] = tryRead(readChain, issuerChain) ?? []
  return (
    issuer !== undefined &&
    own !== undefined &&
    equalBytes(own.der, root.der) &&
    authorityNamed(issuer.subjectCommonName) === ca &&
    isIntelForm(issuer) &&
    equalBytes(issuer.issuer, root.subject) &&
    mayIssuePlatforms(issuer) &&
    isSignedBy(issuer, root) &&
    isListBy(body, issuer)
  )
}

function findStatement<T extends Statement>(
  { body, issuerChain }: SignedCollateral,
  read: (body: Uint8Array) => SignedStatement<T>,
  root: Certificate,
): T | undefined {
  const signed = tryRead(read, body)
  if (signed === undefined) return undefined
  const { json, statement } = signed
  // Its signer may have ended since; that is for the verdict.
  const signer = findTcbSigner(issuerChain, { root, rootCrl: undefined, now: statement.issueDate })
  const isSigned = signer && verifyStatementSignature(signer.publicKey, json.signedBytes, json.signature)
  return isSigned === true ? statement : undefined
}

function isListBy(der: Uint8Array, issuer: Certificate): boolean {
  const crl = tryRead(readList, der)
  return (
    crl !== undefined &&
    equalBytes(crl.issuer, issuer.subject) &&
    isIntelAlgorithm(crl.signatureAlgorithm) &&
    verifyDerSignature(issuer.publicKey, crl.signedBytes, crl.signature)
  )
}

function tryRead<T>(read: (bytes: Uint8Array) => T, bytes: Uint8Array): T | undefined {
  try {
    return read(bytes)
  } catch {
    return undefined
  }
}
