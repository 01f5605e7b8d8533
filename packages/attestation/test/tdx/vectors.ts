import { encodePem } from "@contrast/crypto"
import type { IntelCollateral, SignedCollateral } from "../../src/index.ts"
import { intelRoot } from "../../src/tdx/root.ts"
import { found, readBytes, readOracle, type Place } from "../snp/vectors.ts"

export { found, readBytes }

/** Where the collateral of a case stands. */
interface CollateralPlaces {
  readonly bundle?: string
  readonly bundleCrls?: string
  readonly tcbInfo?: string
  readonly qeIdentity?: string
  readonly signer?: string
  readonly pckCrl?: string
  readonly rootCrl?: string
}

/** A case of the oracle. */
export interface TdxCase {
  readonly id: string
  /** The file of the root that is trusted. */
  readonly root: string
  readonly quote: Place
  readonly now: string
  readonly collateral: CollateralPlaces
  readonly refusals: readonly string[]
  readonly tcb: Readonly<Record<string, unknown>> | null
  readonly fields?: Readonly<Record<string, unknown>>
}

/** Something of Intel's in the oracle: a signed text or a revocation list. */
export type CollateralCase = StatementCase | ListCase

/** A signed text of the oracle. */
export interface StatementCase {
  readonly file: string
  readonly kind: "tcbInfo" | "enclaveIdentity" | "tcbEvaluationDataNumbers"
  readonly signer: string
  readonly expect: {
    readonly form: boolean
    readonly signature: boolean
    readonly id: string | null
    readonly from: string | null
    readonly to: string | null
    readonly evaluation: number | null
  }
}

/** A revocation list of the oracle. */
export interface ListCase {
  readonly file: string
  readonly kind: "crl"
  /** The issuer's certificate; the root's if absent. */
  readonly issuer?: string
  readonly expect: {
    readonly signature: boolean
    readonly issuer: string
    readonly from: string
    readonly to: string
    readonly revoked: number
  }
}

export function readCases(): readonly TdxCase[] {
  return (readOracle()["dcap"] ?? []) as readonly TdxCase[]
}

export function readCollateralCases(): readonly CollateralCase[] {
  return (readOracle()["collateral"] ?? []) as readonly CollateralCase[]
}

/** The chain of a signer; Intel's root is added to a certificate that stands alone. */
export function readChain(file: string): Uint8Array {
  const bytes = readBytes(file)
  if (file.endsWith(".pem")) return bytes
  return Buffer.from(encodePem("CERTIFICATE", bytes) + encodePem("CERTIFICATE", intelRoot().der))
}

export function readCollateral(places: CollateralPlaces): IntelCollateral {
  const { bundle, bundleCrls = bundle, tcbInfo, qeIdentity, signer, pckCrl, rootCrl } = places
  const all = bundle === undefined ? undefined : readBundle(bundle)
  const crls = bundleCrls === undefined ? undefined : readBundle(bundleCrls)
  const signed = (file: string | undefined): SignedCollateral | undefined =>
    file === undefined || signer === undefined ? undefined : { body: readBytes(file), issuerChain: readChain(signer) }
  return {
    tcbInfo: all?.tcbInfo ?? signed(tcbInfo),
    qeIdentity: all?.qeIdentity ?? signed(qeIdentity),
    rootCrl: crls?.rootCrl ?? (rootCrl === undefined ? undefined : readBytes(rootCrl)),
    pckCrl: crls?.pckCrl ?? (pckCrl === undefined ? undefined : readBytes(pckCrl)),
    problems: [],
  }
}

function readBundle(file: string): IntelCollateral {
  const bundle = JSON.parse(Buffer.from(readBytes(file)).toString("utf8")) as Record<string, string>
  const text = (key: string): string => bundle[key] ?? ""
  const signed = (envelope: string, key: string): SignedCollateral => ({
    body: Buffer.from(`{"${envelope}":${text(key)},"signature":"${text(`${key}_signature`)}"}`),
    issuerChain: Buffer.from(text(`${key}_issuer_chain`)),
  })
  return {
    tcbInfo: signed("tcbInfo", "tcb_info"),
    qeIdentity: signed("enclaveIdentity", "qe_identity"),
    rootCrl: Buffer.from(text("root_ca_crl"), "hex"),
    pckCrl: Buffer.from(text("pck_crl"), "hex"),
    problems: [],
  }
}
