import { equalBytes, type Certificate } from "@contrast/crypto"
import type { Checklist } from "../checklist.ts"
import { memoize } from "../memo.ts"
import { describePeriod, isValidAt } from "../validity.ts"
import { mayIssuePlatforms, mayOnlySign, ROLE_EXTENSIONS } from "./certificate-role.ts"
import { CHAIN_CODES, type TdxCode } from "./codes.ts"
import { hasP256Key, isIntelAlgorithm, verifyDerSignature } from "./intel-signature.ts"
import { parsePemChain } from "./pem-chain.ts"
import { parseSgxExtension, type SgxExtension } from "./sgx-extension.ts"

/** The certificates that a quote brings: the platform's, its authority's, the root's. Candidates, never roots. */
export interface PckChain {
  readonly leaf: Certificate
  readonly intermediate: Certificate
  readonly root: Certificate
}

/** The authority that issues platforms' certificates. */
export type PckAuthority = "platform" | "processor"

/** What is known once the chain was read. */
export interface PckIdentity {
  readonly chain: PckChain
  readonly extension: SgxExtension | undefined
}

const LEAF_NAME = "Intel SGX PCK Certificate"
const AUTHORITY_NAMES: ReadonlyMap<string | undefined, PckAuthority> = new Map([
  ["Intel SGX PCK Platform CA", "platform"],
  ["Intel SGX PCK Processor CA", "processor"],
])
const NUL = 0

const readChain = memoize((pem) => {
  const [leaf, intermediate, root] = parsePemChain(pem.subarray(0, pem.findLastIndex((byte) => byte !== NUL) + 1), 3)
  if (leaf === undefined || intermediate === undefined || root === undefined) throw new RangeError("not a chain")
  if (![leaf, intermediate, root].every(isIntelForm)) throw new RangeError("not of Intel's form")
  return { leaf, intermediate, root }
})

/** Reads the chain of a quote; `undefined` unless it is three certificates as Intel makes them. */
export function parsePckChain(pem: Uint8Array): PckChain | undefined {
  try {
    return readChain(pem)
  } catch {
    return undefined
  }
}

/** Whether a certificate has the algorithms that Intel uses and no critical extension that nobody looks at. */
export function isIntelForm(certificate: Certificate): boolean {
  return (
    hasP256Key(certificate) &&
    isIntelAlgorithm(certificate.signatureAlgorithm) &&
    certificate.extensions.every(({ oid, critical }) => !critical || ROLE_EXTENSIONS.includes(oid))
  )
}

/** Whether one certificate was signed by the other. Whether that one may is another question. */
export function isSignedBy({ signedBytes, signature }: Certificate, { publicKey }: Certificate): boolean {
  return verifyDerSignature(publicKey, signedBytes, signature)
}

/** Which authority issued the platform's certificate, by its name. */
export function findAuthority({ intermediate }: PckChain): PckAuthority | undefined {
  return authorityNamed(intermediate.subjectCommonName)
}

/** Which authority has this common name. */
export function authorityNamed(commonName: string | undefined): PckAuthority | undefined {
  return AUTHORITY_NAMES.get(commonName)
}

/** What a chain is judged by. */
export interface PckContext {
  readonly root: Certificate
  readonly now: Date
  /** Whether it is a quote of TDX, which only the Platform CA's machines make. */
  readonly isTdx: boolean
}

/** Checks that the quote's certificates are Intel's. @returns them, if there are any. */
export function checkPckChain(
  list: Checklist<TdxCode>,
  pem: Uint8Array,
  { root, now, isTdx }: PckContext,
): PckIdentity | undefined {
  const chain = parsePckChain(pem)
  const [form, ...rest] = CHAIN_CODES
  const expected = "three certificates in PEM, ECDSA P-256 with SHA-256"
  if (!list.equal(form, "pckChain", chain ? expected : "something else", expected) || chain === undefined) {
    list.skip(rest, form)
    return undefined
  }
  const { leaf, intermediate } = chain
  const isOurs = equalBytes(chain.root.der, root.der)
  list.equal("PCK_CHAIN_ROOT", "pckChain.root", isOurs ? "Intel's" : "another", "Intel's")
  checkNames(list, chain)
  const signed = isSignedBy(leaf, intermediate) && isSignedBy(intermediate, root)
  list.equal("PCK_CHAIN_SIGNATURE", "pckChain", signed ? "good" : "bad", "good")
  const mayBe = mayOnlySign(leaf) && mayIssuePlatforms(intermediate)
  list.equal(
    "PCK_CHAIN_SIGNATURE",
    "pckChain.roles",
    mayBe ? "a leaf by its authority" : "others",
    "a leaf by its authority",
  )
  for (const [name, certificate] of Object.entries({ leaf, intermediate, root: chain.root })) {
    list.check("PCK_CHAIN_VALIDITY", {
      subject: `pckChain.${name}.notAfter`,
      passed: isValidAt(certificate, now),
      expected: now.toISOString(),
      actual: describePeriod(certificate),
    })
  }
  return { chain, extension: checkExtension(list, chain, isTdx) }
}

function checkNames(list: Checklist<TdxCode>, chain: PckChain): void {
  const { leaf, intermediate, root } = chain
  list.check("PCK_CHAIN_ISSUER", {
    subject: "pckChain",
    passed:
      leaf.subjectCommonName === LEAF_NAME &&
      findAuthority(chain) !== undefined &&
      equalBytes(leaf.issuer, intermediate.subject) &&
      equalBytes(intermediate.issuer, root.subject),
    expected: `${LEAF_NAME}, issued by ${[...AUTHORITY_NAMES.keys()].join(" or ")}, issued by the root`,
    actual: [leaf, intermediate, root].map(({ subjectCommonName }) => subjectCommonName ?? "no name").join(", "),
  })
}

function checkExtension(list: Checklist<TdxCode>, chain: PckChain, isTdx: boolean): SgxExtension | undefined {
  const extension = parseSgxExtension(chain.leaf)
  const isPlatform = findAuthority(chain) === "platform" && extension?.piid !== undefined
  list.check("PCK_EXTENSIONS", {
    subject: "pckChain.leaf.sgxExtension",
    passed: extension !== undefined && (!isTdx || (isPlatform && extension.configuration !== undefined)),
    expected: isTdx ? "TCB, identity and configuration of a platform, by the Platform CA" : "TCB and identity",
    actual: extension === undefined ? "missing or ill-formed" : `by the ${findAuthority(chain) ?? "unknown"} CA`,
  })
  return extension
}
