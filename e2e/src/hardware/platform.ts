import type { Trust } from "@contrast/attestation"
import type { Platform as PlatformName } from "@contrast/manifest"
import { TsmKernel, type TsmKernelAnswer } from "@contrast/test-authority"
import type { TsmPlatform } from "@contrast/tsm"
import { KERNEL_DIRECTORY } from "./remote-kernel.ts"

/** Hardware whose vendor is played. */
export interface HardwarePlatform {
  readonly technology: TsmPlatform
  readonly name: PlatformName
  /** What claims in certificates begin with. */
  readonly claimsOid: string
  /** `ReferenceValues` of a manifest that accepts its guests. */
  readonly referenceValues: object
  /** The played vendor's roots. No program has a way to take them but as an argument. */
  readonly roots: Omit<Trust, "collateral">
  /** What the vendor's service answers, by path and query. */
  readonly published: ReadonlyMap<string, Published>
  /** The kernel of a guest whose host was given this policy hash. */
  kernel(hostData: Uint8Array): TsmKernel
}

/** One answer of a vendor's service. */
export interface Published {
  readonly body: Uint8Array
  readonly headers?: Readonly<Record<string, string>>
}

const PROVIDERS: Readonly<Record<TsmPlatform, string>> = { snp: "sev_guest", tdx: "tdx_guest" }

/** A kernel that gives these answers. */
export function playKernel(technology: TsmPlatform, answer: (reportData: Uint8Array) => TsmKernelAnswer): TsmKernel {
  return new TsmKernel({ directory: KERNEL_DIRECTORY, provider: PROVIDERS[technology], answer })
}
