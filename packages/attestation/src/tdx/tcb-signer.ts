import { equalBytes, type Certificate } from "@contrast/crypto"
import type { Checklist } from "../checklist.ts"
import type { RevocationList } from "../crl.ts"
import { memoize } from "../memo.ts"
import { describePeriod, isValidAt } from "../validity.ts"
import { mayOnlySign } from "./certificate-role.ts"
import type { TdxCode } from "./codes.ts"
import { isIntelForm, isSignedBy } from "./pck-chain.ts"
import { parsePemChain } from "./pem-chain.ts"
import { isListed } from "./revocation.ts"

/** What a signer is judged by. */
export interface SignerContext {
  readonly root: Certificate
  /** The root's revocation list; without it the verdict has another refusal. */
  readonly rootCrl: RevocationList | undefined
  readonly now: Date
}

const SIGNER_NAME = "Intel SGX TCB Signing"

/** Checks that Intel lets the first certificate of a chain sign what it says of platforms. @returns that certificate. */
export function checkTcbSigner(
  list: Checklist<TdxCode>,
  subject: string,
  issuerChain: Uint8Array,
  context: SignerContext,
): Certificate | undefined {
  const presence = issuerChain.length > 0 ? "present" : "absent"
  if (!list.equal("TCB_SIGNER_MISSING", subject, presence, "present")) {
    list.skip(["TCB_SIGNER"], "TCB_SIGNER_MISSING")
    return undefined
  }
  const chain = tryParse(issuerChain)
  const flaw = chain === undefined ? "no chain of two certificates" : findFlaw(chain, context)
  list.equal("TCB_SIGNER", subject, flaw ?? SIGNER_NAME, SIGNER_NAME)
  return chain && isIntelForm(chain.signer) ? chain.signer : undefined
}

/** Who signed what Intel says of platforms; `undefined` if Intel does not let the first certificate of the chain do so. */
export function findTcbSigner(issuerChain: Uint8Array, context: SignerContext): Certificate | undefined {
  const chain = tryParse(issuerChain)
  return chain !== undefined && findFlaw(chain, context) === undefined ? chain.signer : undefined
}

interface SignerChain {
  readonly signer: Certificate
  readonly root: Certificate
}

function findFlaw({ signer, root: own }: SignerChain, { root, rootCrl, now }: SignerContext): string | undefined {
  if (!equalBytes(own.der, root.der)) return "another root"
  if (signer.subjectCommonName !== SIGNER_NAME) return signer.subjectCommonName ?? "no name"
  if (!isIntelForm(signer)) return "another algorithm, or an unknown critical extension"
  if (!equalBytes(signer.issuer, root.subject) || !isSignedBy(signer, root)) return "not issued by the root"
  if (!mayOnlySign(signer)) return "an authority, or not for signing"
  if (!isValidAt(signer, now)) return `valid ${describePeriod(signer)}`
  if (rootCrl !== undefined && isListed(rootCrl, signer)) return "revoked"
  return undefined
}

const readChain = memoize((pem) => parsePemChain(pem, 2))

function tryParse(issuerChain: Uint8Array): SignerChain | undefined {
  try {
    const [signer, root] = readChain(issuerChain)
    return signer && root && { signer, root }
  } catch {
    return undefined
  }
}
