import { existsSync, readFileSync } from "node:fs"
import path from "node:path"
import {
  abiVersionOf,
  GUEST_POLICY_FLAGS,
  parseReport,
  parseTdxQuote,
  PLATFORM_INFO_FLAGS,
} from "@contrast/attestation"
import {
  defaultReferenceValues,
  encodeManifest,
  type Manifest,
  type Platform,
  type ReferenceValues,
  type SnpReferenceValues,
  type TdxReferenceValues,
} from "@contrast/manifest"
import type { Served, Vendors } from "./vendors.ts"

const vectors = path.join(
  process.env["CONTRAST_VECTORS"] ?? path.join(import.meta.dirname, "../../../../../shared/vectors"),
  "attestation",
)

/** The outside vectors are not part of the project. */
export const hasVectors: boolean = existsSync(path.join(vectors, "expected.json"))

export function readVector(name: string): Buffer {
  return readFileSync(path.join(vectors, name))
}

/** When the quote and what Intel says of it are good. */
export const QUOTE_NOW = "2025-06-25T00:00:00Z"
export const QUOTE_FMSPC = "b0c06f000000"

/** A manifest that names nothing but what this evidence shows. */
export function manifestFor(hostData: Uint8Array, values: ReferenceValues): Uint8Array {
  const policy = Buffer.from(hostData).toString("hex")
  const manifest: Manifest = {
    policies: new Map([[policy, { sans: ["coordinator"], role: "coordinator" }]]),
    referenceValues: [values],
    workloadOwnerPubKeys: [],
    workloadOwnerKeyDigests: [],
    seedshareOwnerPubKeys: [],
  }
  return encodeManifest(manifest)
}

function emptyValues(platform: Platform): ReferenceValues {
  const [values] = defaultReferenceValues(platform)
  if (values === undefined) throw new Error(`expected default values for ${platform}`)
  return values
}

export function manifestOfQuote(quote: Uint8Array, changes: Partial<TdxReferenceValues> = {}): Uint8Array {
  const { body } = parseTdxQuote(quote)
  if (body.kind !== "td") throw new Error("expected a quote of a TD")
  const { mrTd, mrSeam, rtmrs, xfam, mrConfigId } = body
  const empty = emptyValues("Metal-QEMU-TDX") as TdxReferenceValues // by its name
  const free = { memoryIntegrity: false, smtDisabled: false, staticPlatform: false, minTcbEvaluationDataNumber: 0 }
  return manifestFor(mrConfigId.subarray(0, 32), { ...empty, ...free, mrTd, mrSeam, rtmrs, xfam, ...changes })
}

export function manifestOfReport(bytes: Uint8Array): Uint8Array {
  const report = parseReport(bytes)
  const { major, minor } = abiVersionOf(report.policy)
  const flagsOf = (bits: bigint, flags: typeof GUEST_POLICY_FLAGS | typeof PLATFORM_INFO_FLAGS): object =>
    Object.fromEntries(flags.map(({ name, bit }) => [name, ((bits >> bit) & 1n) === 1n]))
  const empty = emptyValues("Metal-QEMU-SNP") as SnpReferenceValues // by its name
  return manifestFor(report.hostData, {
    ...empty,
    productName: "Milan",
    trustedMeasurement: report.measurement,
    minimumTcb: { bootloaderVersion: 0, teeVersion: 0, snpVersion: 0, microcodeVersion: 0 },
    guestPolicy: {
      ...empty.guestPolicy,
      abiMajor: major,
      abiMinor: minor,
      ...flagsOf(report.policy, GUEST_POLICY_FLAGS),
    },
    platformInfo: { ...empty.platformInfo, ...flagsOf(report.platformInfo, PLATFORM_INFO_FLAGS) },
  })
}

/** Has the vendors serve Intel's own answers for the quote, as its service and a PCCS send them. */
export function serveQuoteCollateral({ answers }: Vendors): void {
  const bundle = JSON.parse(readVector("dcap-qvl/tdx_quote_collateral.json").toString()) as Record<string, string>
  const part = (name: string): string => bundle[name] ?? ""
  const signed = (key: string, name: string, header: string): Served => ({
    body: `{"${key}":${part(name)},"signature":"${part(`${name}_signature`)}"}`,
    headers: { [header]: encodeURIComponent(part(`${name}_issuer_chain`)) },
  })
  answers
    .set(
      `/tdx/certification/v4/tcb?fmspc=${QUOTE_FMSPC}&update=standard`,
      signed("tcbInfo", "tcb_info", "TCB-Info-Issuer-Chain"),
    )
    .set(
      "/tdx/certification/v4/qe/identity?update=standard",
      signed("enclaveIdentity", "qe_identity", "SGX-Enclave-Identity-Issuer-Chain"),
    )
    .set("/sgx/certification/v4/pckcrl?ca=platform&encoding=der", {
      body: Buffer.from(part("pck_crl"), "hex"),
      headers: { "SGX-PCK-CRL-Issuer-Chain": encodeURIComponent(part("pck_crl_issuer_chain")) },
    })
    .set("/sgx/certification/v4/rootcacrl", { body: part("root_ca_crl") })
}
