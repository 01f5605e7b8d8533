import type { Trust } from "@contrast/attestation"
import { certificatePem, parseCertificatesPem } from "@contrast/crypto"

type Roots = Omit<Trust, "collateral">

/** Writes the roots of a played vendor as PEM: of AMD the ARK, ASK and ASVK of Milan, of Intel the one. */
export function encodeRoots({ amdRoots, intelRoot }: Roots): string {
  const milan = amdRoots?.Milan
  const amd = milan === undefined ? [] : [milan.ark, milan.issuers.VCEK, milan.issuers.VLEK]
  return [...amd, ...(intelRoot === undefined ? [] : [intelRoot])].map(certificatePem).join("")
}

/** Reads them again. */
export function parseRoots(pem: string): Roots {
  const [first, ask, asvk] = parseCertificatesPem(pem)
  if (ask === undefined || asvk === undefined) return { intelRoot: first }
  return { amdRoots: { Milan: { ark: first, issuers: { VCEK: ask, VLEK: asvk } } } }
}
