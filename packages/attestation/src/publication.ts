import type { Certificate } from "@contrast/crypto"
import type { SignedCollateral } from "./collateral.ts"
import type { ProductLine } from "./snp/product-line.ts"
import { isAmdCrl, isVcekFor } from "./snp/publication.ts"
import { amdRoots as compiledInAmdRoots, type AmdRoots } from "./snp/roots.ts"
import type { TcbVersion } from "./snp/tcb-version.ts"
import type { PckAuthority } from "./tdx/pck-chain.ts"
import { isPckCrl, isQeIdentity, isRootCrl, isTcbInfoFor } from "./tdx/publication.ts"
import { intelRoot as compiledInIntelRoot } from "./tdx/root.ts"

/** Something that a vendor is said to have published, and what it is said to be about. */
export type Publication =
  | {
      readonly kind: "vcek"
      readonly line: ProductLine
      /** As the certificate has it: 64 bytes, on Turin 8. */
      readonly hardwareId: Uint8Array
      readonly tcb: TcbVersion
      readonly der: Uint8Array
    }
  | { readonly kind: "amd-crl"; readonly line: ProductLine; readonly der: Uint8Array }
  /** Platforms' FMSPC as 12 hexadecimal digits, lower case. */
  | { readonly kind: "tcb-info"; readonly fmspc: string; readonly signed: SignedCollateral }
  | { readonly kind: "qe-identity"; readonly signed: SignedCollateral }
  /** The list (DER) as the body. */
  | { readonly kind: "pck-crl"; readonly ca: PckAuthority; readonly signed: SignedCollateral }
  | { readonly kind: "root-crl"; readonly der: Uint8Array }

/** Whom the vendors' statements have to be from. */
export interface PublicationRoots {
  /** The default is what AMD publishes; no program passes another. */
  readonly amdRoots?: AmdRoots
  /** The default is what Intel publishes; no program passes another. */
  readonly intelRoot?: Certificate
}

/**
 * Whether the vendor signed it, and it is about what it is said to be. That keeps forgeries from being taken for news; it
 * is no verdict: periods, revocation and everything that evidence has to do with it are the verifiers' to judge.
 */
export function isVendorsOwn(
  publication: Publication,
  { amdRoots = compiledInAmdRoots(), intelRoot = compiledInIntelRoot() }: PublicationRoots = {},
): boolean {
  switch (publication.kind) {
    case "vcek":
      return isVcekFor(publication.der, publication, amdRoots[publication.line])
    case "amd-crl":
      return isAmdCrl(publication.der, amdRoots[publication.line])
    case "tcb-info":
      return isTcbInfoFor(publication.signed, publication.fmspc, intelRoot)
    case "qe-identity":
      return isQeIdentity(publication.signed, intelRoot)
    case "pck-crl":
      return isPckCrl(publication.signed, publication.ca, intelRoot)
    case "root-crl":
      return isRootCrl(publication.der, intelRoot)
  }
}
