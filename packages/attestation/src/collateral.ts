import type { ProductLine } from "./snp/product-line.ts"
import type { SigningKey } from "./snp/report.ts"
import type { TcbVersion } from "./snp/tcb-version.ts"

/** Which of AMD's statements a report needs. */
export interface AmdQuery {
  readonly line: ProductLine
  readonly kind: SigningKey
  /** 64 bytes; on Turin the first 8 count. */
  readonly chipId: Uint8Array
  /** The TCB version that the signing key is derived for. */
  readonly reportedTcb: TcbVersion
  /** What AMD may be asked for. The rest came with the evidence: a newer piece at hand is welcome, but not worth a question. */
  readonly wanted: { readonly leaf: boolean; readonly crl: boolean }
}

/** What AMD says of a chip. Nothing in it has been verified. */
export interface AmdCollateral {
  /** The VCEK certificate, DER. A VLEK has to come with the evidence. */
  readonly leaf: Uint8Array | undefined
  /** The revocation list, DER. */
  readonly crl: Uint8Array | undefined
  /** Why something is missing, for people; one sentence each. */
  readonly problems: readonly string[]
}

/** Which of Intel's statements a quote needs. */
export interface IntelQuery {
  /** Family, model, stepping, platform and custom SKU: 6 bytes. */
  readonly fmspc: Uint8Array
  /** The authority that issued the platform's certificate. */
  readonly ca: "platform" | "processor"
  /** The evaluation number that the statements must have at least; 0 demands nothing. Older ones at hand are of no use. */
  readonly minimumEvaluation: number
}

/** A signed JSON text with the certificates of its signer. */
export interface SignedCollateral {
  /** The text as it was received: the signature covers its bytes. */
  readonly body: Uint8Array
  /** PEM, signer first, root last. */
  readonly issuerChain: Uint8Array
}

/** What Intel says of a platform. Nothing in it has been verified. */
export interface IntelCollateral {
  readonly tcbInfo: SignedCollateral | undefined
  readonly qeIdentity: SignedCollateral | undefined
  /** The revocation list of Intel's root, DER. */
  readonly rootCrl: Uint8Array | undefined
  /** The revocation list of the authority that issued the platform's certificate, DER. */
  readonly pckCrl: Uint8Array | undefined
  /** Why something is missing, for people; one sentence each. */
  readonly problems: readonly string[]
}

/**
 * How new the answer has to be. `held`: only what is at hand, the vendor is not waited for; `cached`: what is at hand unless it
 * has run out; `refresh`: what is at hand was refused, ask the vendor again.
 */
export type Freshness = "held" | "cached" | "refresh"

/** Knows where to find what vendors publish about their platforms. It decides nothing: all of it is signed and is verified. */
export interface CollateralSource {
  amd(query: AmdQuery, freshness: Freshness): Promise<AmdCollateral>
  intel(query: IntelQuery, freshness: Freshness): Promise<IntelCollateral>
}

/** A source that has nothing: evidence has to bring all that it needs. */
export const NO_COLLATERAL: CollateralSource = {
  amd: () => Promise.resolve({ leaf: undefined, crl: undefined, problems: [] }),
  intel: () =>
    Promise.resolve({ tcbInfo: undefined, qeIdentity: undefined, rootCrl: undefined, pckCrl: undefined, problems: [] }),
}
