import { decodeBase64, parseCertificate, type Certificate } from "@contrast/crypto"
import {
  ARK_GENOA,
  ARK_MILAN,
  ARK_TURIN,
  ASK_GENOA,
  ASK_MILAN,
  ASK_TURIN,
  ASVK_GENOA,
  ASVK_MILAN,
  ASVK_TURIN,
} from "./amd-certificates.ts"
import type { ProductLine } from "./product-line.ts"
import type { SigningKey } from "./report.ts"

/** The authorities of one product line. */
export interface AmdAuthorities {
  /** AMD root key, which also signs the revocation lists. */
  readonly ark: Certificate
  /** What issues VCEKs (the ASK) and VLEKs (the ASVK). */
  readonly issuers: Readonly<Record<SigningKey, Certificate>>
}

/** The authorities of every line that can be verified; a line without them is refused. */
export type AmdRoots = Readonly<Partial<Record<ProductLine, AmdAuthorities>>>

let compiledIn: AmdRoots | undefined

/**
 * AMD's authorities, as its key distribution service publishes them. They are compiled in, the intermediates too:
 * AMD has reissued one, and a silent second path is how old keys come back. A new one arrives with a release.
 */
export function amdRoots(): AmdRoots {
  // Read when first asked for: most runs of the programs never need them.
  compiledIn ??= {
    Milan: { ark: certificate(ARK_MILAN), issuers: { VCEK: certificate(ASK_MILAN), VLEK: certificate(ASVK_MILAN) } },
    Genoa: { ark: certificate(ARK_GENOA), issuers: { VCEK: certificate(ASK_GENOA), VLEK: certificate(ASVK_GENOA) } },
    Turin: { ark: certificate(ARK_TURIN), issuers: { VCEK: certificate(ASK_TURIN), VLEK: certificate(ASVK_TURIN) } },
  }
  return compiledIn
}

function certificate(base64: string): Certificate {
  return parseCertificate(decodeBase64(base64))
}
