import type { Certificate } from "@contrast/crypto"

/** Whether a certificate's period includes the moment; both ends belong to it. */
export function isValidAt({ notBefore, notAfter }: Certificate, now: Date): boolean {
  return notBefore <= now && now <= notAfter
}

/** A certificate's period for people. */
export function describePeriod({ notBefore, notAfter }: Certificate): string {
  return `${notBefore.toISOString()} to ${notAfter.toISOString()}`
}
