import { idKeyDigest, type Issuer } from "@contrast/attestation"
import { AMD_POLICY, signAmdReport, TsmKernel, type TsmKernelOptions } from "@contrast/test-authority"
import { createTsmIssuer, type TsmIssuerOptions } from "../src/index.ts"

export const NOW: Date = new Date("2026-06-01T00:00:00Z")
export const DIRECTORY = "/config/tsm/report"
export const REPORT_DATA: Uint8Array = new Uint8Array(64).fill(0x5a)
export const HOST_DATA: Uint8Array = new Uint8Array(32).fill(0x22)
export const MEASUREMENT: Uint8Array = new Uint8Array(48).fill(0x11)

/** A report of a played Milan chip. */
export function signReport(reportData: Uint8Array): Uint8Array {
  const idDigest = idKeyDigest(MEASUREMENT, AMD_POLICY)
  return signAmdReport({ reportData, measurement: MEASUREMENT, hostData: HOST_DATA, idKeyDigest: idDigest })
}

/** The kernel of an SEV-SNP guest. */
export function snpKernel(options: Partial<TsmKernelOptions> = {}): TsmKernel {
  const answer: TsmKernelOptions["answer"] = (reportData) => ({
    outblob: signReport(reportData),
    auxblob: new Uint8Array(0),
  })
  return new TsmKernel({ directory: DIRECTORY, provider: "sev_guest", privilegeLevelFloor: 0, answer, ...options })
}

interface IssuerOverKernel {
  readonly issuer: Issuer
  readonly pausesMs: readonly number[]
}

/** What an issuer over this kernel makes, and the pauses that it took. */
export function issuerOver(files: TsmKernel, options: Partial<TsmIssuerOptions> = {}): IssuerOverKernel {
  const pausesMs: number[] = []
  const delay = (milliseconds: number) => Promise.resolve(pausesMs.push(milliseconds))
  const issuer = createTsmIssuer({ platform: "snp", directory: DIRECTORY, files, now: () => NOW, delay, ...options })
  return { issuer, pausesMs }
}
