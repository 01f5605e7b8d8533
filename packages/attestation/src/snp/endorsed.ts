import type { Certificate } from "@contrast/crypto"
import type { Checklist } from "../checklist.ts"
import type { SnpCode } from "./codes.ts"
import type { SigningKey, SnpReport } from "./report.ts"

/** What vouches for a report. All of it comes from outside and is verified here. */
export interface SnpEndorsements {
  /** The VCEK or VLEK certificate. */
  readonly leaf: Certificate | undefined
  /** Authorities that came with the evidence; they must be ours. */
  readonly authorities: readonly Certificate[]
  /** AMD's revocation list, DER. */
  readonly crl: Uint8Array | undefined
  /** Why something is absent, for people. */
  readonly problems?: readonly string[]
}

/** What the checks of authenticity share. */
export interface AuthenticityInputs {
  readonly list: Checklist<SnpCode>
  readonly report: SnpReport
  readonly kind: SigningKey
  readonly now: Date
}

/** Says that something is absent, and why. */
export function describeAbsence({ problems = [] }: SnpEndorsements): string {
  return ["absent", ...problems].join("; ")
}
