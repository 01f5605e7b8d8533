import { constructed, encodeDer, integer, parseDer, Tag, type DerElement } from "@contrast/crypto"
import { amdAuthorities, type AmdAuthority, type AmdLine } from "./amd-authority.ts"
import { utcTime } from "./amd-certificate.ts"
import { AMD_SIGNING, signContent } from "./amd-signature.ts"

/** What a revocation list says; by default it is current in 2026, empty, and by the line's ARK. */
export interface AmdCrlOptions {
  readonly line?: AmdLine
  /** Serial numbers, big-endian. */
  readonly revoked?: readonly Uint8Array[]
  readonly thisUpdate?: Date
  readonly nextUpdate?: Date
  /** Who signs it. */
  readonly signer?: AmdAuthority
  /** DER of the name that it is issued in; the signer's by default. */
  readonly issuer?: Uint8Array
  /** Fields in place of the entries and of what follows them. */
  readonly tail?: readonly DerElement[]
}

const VERSION_2 = Uint8Array.of(1)

/** Issues a revocation list of the played AMD. @returns DER. */
export function issueAmdCrl({
  line = "Milan",
  revoked = [],
  thisUpdate = new Date("2026-01-01T00:00:00Z"),
  nextUpdate = new Date("2027-01-01T00:00:00Z"),
  signer = amdAuthorities(line).ark,
  issuer = signer.certificate.subject,
  tail,
}: AmdCrlOptions = {}): Uint8Array {
  const entries = revoked.map((serial) => constructed(Tag.sequence, integer(serial), utcTime(thisUpdate)))
  const content = constructed(
    Tag.sequence,
    integer(VERSION_2),
    parseDer(AMD_SIGNING.algorithm),
    parseDer(issuer),
    utcTime(thisUpdate),
    utcTime(nextUpdate),
    ...(tail ?? (entries.length > 0 ? [constructed(Tag.sequence, ...entries)] : [])),
  )
  return signContent(encodeDer(content), signer.key)
}
