import type { Issuer, Trust } from "@contrast/attestation"
import { TsmKernel, type TsmKernelAnswer } from "@contrast/test-authority"
import { createTsmIssuer, type TsmPlatform } from "@contrast/tsm"

/** Hardware whose vendor is played. */
export interface HardwarePlatform {
  readonly name: TsmPlatform
  /** What claims in certificates begin with. */
  readonly claimsOid: string
  /** `ReferenceValues` of a manifest that accepts its guests. */
  readonly referenceValues: object
  /** What its evidence is judged with: the played vendor's roots and statements. No program has a way to take roots. */
  readonly trust: Trust
  /** What attests a guest whose host was given this policy hash. */
  issuer(hostData: Uint8Array): Issuer
}

const DIRECTORY = "/config/tsm/report"
const PROVIDERS: Readonly<Record<TsmPlatform, string>> = { snp: "sev_guest", tdx: "tdx_guest" }

/** An issuer over a played kernel that gives these answers. */
export function issuerOver(platform: TsmPlatform, answer: (reportData: Uint8Array) => TsmKernelAnswer): Issuer {
  const files = new TsmKernel({ directory: DIRECTORY, provider: PROVIDERS[platform], answer })
  return createTsmIssuer({ platform, directory: DIRECTORY, files, now: () => new Date() })
}
