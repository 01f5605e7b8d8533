import { constructed, encodeDer, integer, parseDer, Tag } from "@contrast/crypto"
import { utcTime } from "./amd-certificate.ts"
import type { IntelAuthority } from "./intel-authority.ts"
import { INTEL_ALGORITHM, signIntelContent } from "./intel-certificate.ts"

/** What a revocation list says; by default it is current in June 2026 and empty. */
export interface IntelCrlOptions {
  /** Who signs it. */
  readonly signer: IntelAuthority
  /** DER of the name that it is issued in; the signer's by default. */
  readonly issuer?: Uint8Array
  /** Serial numbers, big-endian. */
  readonly revoked?: readonly Uint8Array[]
  readonly thisUpdate?: Date
  readonly nextUpdate?: Date
}

/** Issues a revocation list of the played Intel. @returns DER. */
export function issueIntelCrl({
  signer,
  issuer = signer.certificate.subject,
  revoked = [],
  thisUpdate = new Date("2026-05-20T00:00:00Z"),
  nextUpdate = new Date("2026-06-19T00:00:00Z"),
}: IntelCrlOptions): Uint8Array {
  const entries = revoked.map((serial) => constructed(Tag.sequence, integer(serial), utcTime(thisUpdate)))
  const content = constructed(
    Tag.sequence,
    integer(Uint8Array.of(1)),
    parseDer(INTEL_ALGORITHM),
    parseDer(issuer),
    utcTime(thisUpdate),
    utcTime(nextUpdate),
    ...(entries.length > 0 ? [constructed(Tag.sequence, ...entries)] : []),
  )
  return signIntelContent(encodeDer(content), signer.key)
}
