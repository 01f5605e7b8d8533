import type { SnpReferenceValues } from "@contrast/manifest"
import type { ProductLine } from "./product-line.ts"
import type { TcbVersion } from "./tcb-version.ts"

/** The reference values without which nothing can be judged. */
export interface RequiredValues {
  readonly productName: ProductLine
  readonly trustedMeasurement: Uint8Array
  readonly minimumTcb: TcbVersion
}

/** Those values, or the manifest key of the first that is absent. */
export function requireValues({
  productName,
  trustedMeasurement,
  minimumTcb,
}: SnpReferenceValues): RequiredValues | string {
  if (productName === undefined) return "ProductName"
  if (trustedMeasurement === undefined) return "TrustedMeasurement"
  const { bootloaderVersion, teeVersion, snpVersion, microcodeVersion, fmcVersion } = minimumTcb
  if (bootloaderVersion === undefined) return "MinimumTCB.BootloaderVersion"
  if (teeVersion === undefined) return "MinimumTCB.TEEVersion"
  if (snpVersion === undefined) return "MinimumTCB.SNPVersion"
  if (microcodeVersion === undefined) return "MinimumTCB.MicrocodeVersion"
  if (productName === "Turin" && fmcVersion === undefined) return "MinimumTCB.FMCVersion"
  const parts = { bootloader: bootloaderVersion, tee: teeVersion, snp: snpVersion, microcode: microcodeVersion }
  return {
    productName,
    trustedMeasurement,
    minimumTcb: fmcVersion === undefined ? parts : { ...parts, fmc: fmcVersion },
  }
}
