import { type ProductLine, tcbParts, type TcbPart, type TcbVersion } from "@contrast/attestation"
import { CollateralError } from "./error.ts"
import type { Item } from "./item.ts"

/** Where the vendors' services are. */
export interface ServiceUrls {
  /** AMD's key distribution service, or what stands in for it. */
  readonly amd: string
  /** Intel's provisioning certification service, or a PCCS. */
  readonly intel: string
  /** Where Intel's root revocation list is; `undefined`: at the service above, as a PCCS has it. */
  readonly intelRootCrl: string | undefined
}

/** A company whose service answers. */
export type Vendor = "AMD" | "Intel"

/** A question to a vendor. */
export interface CollateralRequest {
  readonly vendor: Vendor
  readonly url: string
  readonly maxBodyBytes: number
  /** The header that carries the signer's certificates. */
  readonly chainHeader?: string
}

const AMD_URL = "https://kdsintf.amd.com"
const INTEL_URL = "https://api.trustedservices.intel.com"
const INTEL_ROOT_CRL_URL = "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der"

const MAX_AMD_BYTES = 64 * 1024
const MAX_INTEL_BYTES = 256 * 1024

/** What AMD's service calls the parts of a TCB version. */
const PART_NAMES: Readonly<Record<TcbPart, string>> = {
  fmc: "fmcSPL",
  bootloader: "blSPL",
  tee: "teeSPL",
  snp: "snpSPL",
  microcode: "ucodeSPL",
}

/**
 * Puts addresses together; what is left out is the vendors' own service.
 *
 * @throws {@link CollateralError} `URL`.
 */
export function serviceUrls({
  amdUrl = AMD_URL,
  intelUrl = INTEL_URL,
  intelRootCrlUrl,
}: {
  readonly amdUrl?: string | undefined
  readonly intelUrl?: string | undefined
  readonly intelRootCrlUrl?: string | undefined
}): ServiceUrls {
  const intel = checkUrl(intelUrl)
  const rootCrl = intelRootCrlUrl ?? (intel === INTEL_URL ? INTEL_ROOT_CRL_URL : undefined)
  return { amd: checkUrl(amdUrl), intel, intelRootCrl: rootCrl && checkUrl(rootCrl) }
}

/** How to ask for an item. */
export function requestFor(item: Item, urls: ServiceUrls): CollateralRequest {
  const amd = (path: string): CollateralRequest => ({
    vendor: "AMD",
    url: `${urls.amd}/${path}`,
    maxBodyBytes: MAX_AMD_BYTES,
  })
  const intel = (path: string, chainHeader?: string): CollateralRequest => ({
    vendor: "Intel",
    url: `${urls.intel}/${path}`,
    maxBodyBytes: MAX_INTEL_BYTES,
    ...(chainHeader !== undefined && { chainHeader }),
  })
  switch (item.kind) {
    case "vcek":
      return amd(`vcek/v1/${item.line}/${item.chipId}?${tcbQuery(item.line, item.tcb)}`)
    case "amd-crl":
      return amd(`${item.signer.toLowerCase()}/v1/${item.line}/crl`)
    case "tcb-info":
      return intel(`tdx/certification/v4/tcb?fmspc=${item.fmspc}&${evaluationQuery(item)}`, "TCB-Info-Issuer-Chain")
    case "qe-identity":
      return intel(`tdx/certification/v4/qe/identity?${evaluationQuery(item)}`, "SGX-Enclave-Identity-Issuer-Chain")
    case "pck-crl":
      return intel(`sgx/certification/v4/pckcrl?ca=${item.ca}&encoding=der`, "SGX-PCK-CRL-Issuer-Chain")
    case "root-crl":
      return { ...intel("sgx/certification/v4/rootcacrl"), ...(urls.intelRootCrl && { url: urls.intelRootCrl }) }
  }
}

/** Intel's service takes one of the two. */
function evaluationQuery({ evaluation }: { readonly evaluation?: number }): string {
  return evaluation === undefined ? "update=standard" : `tcbEvaluationDataNumber=${evaluation}`
}

function tcbQuery(line: ProductLine, tcb: TcbVersion): string {
  return tcbParts(line)
    .map((part) => `${PART_NAMES[part]}=${String(tcb[part] ?? 0).padStart(2, "0")}`)
    .join("&")
}

function checkUrl(text: string): string {
  const url = URL.parse(text)
  if (url === null || !["http:", "https:"].includes(url.protocol) || url.search !== "" || url.hash !== "") {
    throw new CollateralError("URL", `expected the http or https address of a service, got "${text}"`)
  }
  return text.replace(/\/+$/, "")
}
