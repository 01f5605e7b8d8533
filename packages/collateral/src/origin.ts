import { isVendorsOwn, type Publication, type PublicationRoots } from "@contrast/attestation"
import { decodeHex } from "@contrast/crypto"
import type { Content } from "./entry.ts"
import type { Item } from "./item.ts"

/**
 * Whether the vendor signed a piece of collateral, and it is what its item asks for. Only such a piece may be kept, or be
 * what others are older than: whoever runs a mirror, or can write the cache, could else keep the real ones out.
 *
 * @param roots - Whom the vendors' statements have to be from. The default is the vendors; no program passes others.
 */
export function isFromVendor(item: Item, content: Content, roots?: PublicationRoots): boolean {
  return isVendorsOwn(publicationOf(item, content), roots)
}

function publicationOf(item: Item, { body, issuerChain = new Uint8Array(0) }: Content): Publication {
  const signed = { body, issuerChain }
  switch (item.kind) {
    case "vcek":
      return { kind: "vcek", line: item.line, hardwareId: decodeHex(item.chipId), tcb: item.tcb, der: body }
    case "amd-crl":
      return { kind: "amd-crl", line: item.line, der: body }
    case "tcb-info":
      return { kind: "tcb-info", fmspc: item.fmspc, signed }
    case "qe-identity":
      return { kind: "qe-identity", signed }
    case "pck-crl":
      return { kind: "pck-crl", ca: item.ca, signed }
    case "root-crl":
      return { kind: "root-crl", der: body }
  }
}
