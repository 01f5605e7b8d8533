import { intelAuthorities, type IntelAuthorities } from "./intel-authority.ts"
import { issueIntelCrl } from "./intel-crl.ts"
import { issueQeIdentity, issueTcbInfo, type IntelStatement } from "./intel-statement.ts"

/** All that the played Intel says of the played platform. */
export interface IntelTestCollateral {
  readonly tcbInfo: IntelStatement
  readonly qeIdentity: IntelStatement
  /** Revocation lists, DER. */
  readonly rootCrl: Uint8Array
  readonly pckCrl: Uint8Array
  readonly problems: readonly string[]
}

/** Collateral that is good in June 2026, and by which the played platform is up to date. */
export function issueIntelCollateral(
  { root, platformCa, tcbSigner: signer }: IntelAuthorities = intelAuthorities(),
): IntelTestCollateral {
  return {
    tcbInfo: issueTcbInfo({ signer }),
    qeIdentity: issueQeIdentity({ signer }),
    rootCrl: issueIntelCrl({ signer: root }),
    pckCrl: issueIntelCrl({ signer: platformCa }),
    problems: [],
  }
}
