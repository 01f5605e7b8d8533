import { sign } from "node:crypto"
import { encodeHex, encodePem, encodeUtf8 } from "@contrast/crypto"
import { intelAuthorities, type IntelAuthority } from "./intel-authority.ts"
import { INTEL_PLATFORM } from "./intel-pck.ts"

/** A signed text and the certificates of its signer, as Intel's service sends them. */
export interface IntelStatement {
  readonly body: Uint8Array
  /** PEM, signer first. */
  readonly issuerChain: Uint8Array
}

/** How a statement is made. */
export interface IntelStatementOptions {
  /** Keys in place of those of the good statement, or besides them. */
  readonly content?: Readonly<Record<string, unknown>>
  /** Changes the text of the signed object, before it is signed. */
  readonly text?: (text: string) => string
  readonly signer?: IntelAuthority
}

const PERIOD = { issueDate: "2026-05-20T00:00:00Z", nextUpdate: "2026-06-19T00:00:00Z" }
const EVALUATION = { tcbEvaluationDataNumber: 18 }
const TODAY = "2026-01-14T00:00:00Z"
const EARLIER = "2024-03-13T00:00:00Z"
const MODULE = { mrsigner: "00".repeat(48), attributes: "00".repeat(8), attributesMask: "FF".repeat(8) }

/** Security versions of the TDX module and its loader in the played platform's quotes; the second is its major version. */
export const INTEL_TEE_TCB_SVN: readonly number[] = [5, 1, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
/** Who signed the played quoting enclave. */
export const INTEL_QE_SIGNER: Uint8Array = new Uint8Array(32).fill(0xdc)

/** What a platform needs for a level, besides the best that there is. */
export interface IntelLevelOptions {
  readonly sgx?: readonly number[]
  readonly pceSvn?: number
  readonly tdx?: readonly number[]
  readonly tcbDate?: string
}

/** A level that a platform reaches with these security versions; by default the played platform just does. */
export function intelTcbLevel(status: string, options: IntelLevelOptions = {}): object {
  const { sgx = INTEL_PLATFORM.components, pceSvn = INTEL_PLATFORM.pceSvn, tdx = INTEL_TEE_TCB_SVN } = options
  const svns = (components: readonly number[]): readonly object[] => components.map((svn) => ({ svn }))
  const tcb = { sgxtcbcomponents: svns(sgx), pcesvn: pceSvn, tdxtcbcomponents: svns(tdx) }
  return { tcb, tcbDate: options.tcbDate ?? TODAY, tcbStatus: status }
}

/** A level of a module or an enclave. */
export function intelSvnLevel(status: string, isvsvn: number, advisoryIDs: readonly string[] = []): object {
  return { tcb: { isvsvn }, tcbDate: status === "UpToDate" ? TODAY : EARLIER, tcbStatus: status, advisoryIDs }
}

/** A TDX module of one major version. */
export function intelModule(id: string, levels: readonly object[], identity: object = MODULE): object {
  return { ...MODULE, ...identity, id, tcbLevels: levels }
}

/** TCB info of the played platform's family, by which it is up to date. */
export function issueTcbInfo(options: IntelStatementOptions = {}): IntelStatement {
  const content = {
    ...{ id: "TDX", version: 3, ...PERIOD },
    ...{ fmspc: encodeHex(INTEL_PLATFORM.fmspc).toUpperCase(), pceId: "0000", tcbType: 0, ...EVALUATION },
    tdxModule: MODULE,
    tdxModuleIdentities: [intelModule("TDX_01", [intelSvnLevel("UpToDate", 5), intelSvnLevel("OutOfDate", 3)])],
    tcbLevels: [
      intelTcbLevel("UpToDate"),
      intelTcbLevel("OutOfDate", { sgx: [2, ...INTEL_PLATFORM.components.slice(1)], tcbDate: EARLIER }),
    ],
  }
  return sealStatement("tcbInfo", content, options)
}

/** Identity of the played quoting enclave, by which it is up to date. */
export function issueQeIdentity(options: IntelStatementOptions = {}): IntelStatement {
  const content = {
    ...{ id: "TD_QE", version: 2, ...PERIOD, ...EVALUATION },
    ...{ miscselect: "00000000", miscselectMask: "FFFFFFFF" },
    attributes: `11${"00".repeat(15)}`,
    attributesMask: `FB${"FF".repeat(7)}${"00".repeat(8)}`,
    mrsigner: encodeHex(INTEL_QE_SIGNER).toUpperCase(),
    isvprodid: 2,
    tcbLevels: [intelSvnLevel("UpToDate", 6), intelSvnLevel("OutOfDate", 4, ["INTEL-SA-00001"])],
  }
  return sealStatement("enclaveIdentity", content, options)
}

function sealStatement(
  envelope: string,
  good: object,
  { content = {}, text = (json) => json, signer = intelAuthorities().tcbSigner }: IntelStatementOptions,
): IntelStatement {
  const signed = text(JSON.stringify({ ...good, ...content }))
  const signature = sign("sha256", encodeUtf8(signed), { key: signer.key, dsaEncoding: "ieee-p1363" })
  return {
    body: encodeUtf8(`{"${envelope}":${signed},"signature":"${encodeHex(signature)}"}`),
    issuerChain: intelChain(signer, intelAuthorities().root),
  }
}

/** Certificates in PEM, in this order. */
export function intelChain(...authorities: readonly IntelAuthority[]): Uint8Array {
  return encodeUtf8(authorities.map(({ certificate }) => encodePem("CERTIFICATE", certificate.der)).join(""))
}
