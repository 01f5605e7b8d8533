import { encodeHex, type Certificate } from "@contrast/crypto"
import type { Checklist } from "../checklist.ts"
import type { IntelCollateral } from "../collateral.ts"
import { COLLATERAL_CODES, CRL_CODES, LEVEL_CODES, QE_CODES, REVOCATION_CODES, type TdxCode } from "./codes.ts"
import { checkModule, checkPlatformLevel, type ModuleRating } from "./level-checks.ts"
import { checkPckChain, type PckIdentity } from "./pck-chain.ts"
import { checkQe } from "./qe-checks.ts"
import { parseQeIdentity, type QeIdentity } from "./qe-identity.ts"
import type { TdxQuote } from "./quote.ts"
import { checkQuoteSignatures } from "./quote-signatures.ts"
import { checkRevocation } from "./revocation.ts"
import type { SgxExtension } from "./sgx-extension.ts"
import { checkStatement, type SignedStatement, statementReader, type StatementContext } from "./statement-checks.ts"
import { checkStatus } from "./status-check.ts"
import type { TcbAssessment } from "./tcb-assessment.ts"
import { parseTcbInfo, type TcbInfo } from "./tcb-info.ts"
import type { TcbRating } from "./tcb-status.ts"

/** Reads a TCB info. */
export const readTcbInfo: (body: Uint8Array) => SignedStatement<TcbInfo> = statementReader("tcbInfo", parseTcbInfo)
/** Reads the identity of a quoting enclave. */
export const readQeIdentity: (body: Uint8Array) => SignedStatement<QeIdentity> = statementReader(
  "enclaveIdentity",
  parseQeIdentity,
)

/** What authenticity is judged by. */
export interface AuthenticityContext {
  readonly collateral: IntelCollateral
  readonly root: Certificate
  readonly now: Date
}

/** What became known on the way. */
export interface Endorsed {
  readonly extension: SgxExtension | undefined
  readonly tcbInfo: TcbInfo | undefined
  readonly qeIdentity: QeIdentity | undefined
  readonly tcb: TcbAssessment | undefined
}

/** Checks that Intel vouches for the quote: certificates, revocation, signatures, and how old the platform is. */
export function checkAuthenticity(
  list: Checklist<TdxCode>,
  quote: TdxQuote,
  { collateral, root, now }: AuthenticityContext,
): Endorsed {
  const identity = checkPckChain(list, quote.pckChain, { root, now, isTdx: quote.body.kind === "td" })
  checkQuoteSignatures(list, quote, identity?.chain.leaf)
  if (identity === undefined) {
    // Of a platform that nobody knows nothing is published.
    list.skip([...CRL_CODES, ...REVOCATION_CODES, ...COLLATERAL_CODES], "PCK_CHAIN_FORM")
    return NOTHING
  }
  const rootCrl = checkRevocation(list, identity.chain, { collateral, root, now })
  return checkCollateral(list, quote, identity, collateral, { root, rootCrl, now, problems: collateral.problems })
}

const NOTHING: Endorsed = { extension: undefined, tcbInfo: undefined, qeIdentity: undefined, tcb: undefined }

function checkCollateral(
  list: Checklist<TdxCode>,
  quote: TdxQuote,
  { extension }: PckIdentity,
  collateral: IntelCollateral,
  context: StatementContext,
): Endorsed {
  const tcbInfo = checkTcbInfo(list, quote, extension, collateral, context)
  const qeIdentity = checkQeIdentity(list, quote, collateral, context)
  const qe = qeIdentity && checkQe(list, quote.qeReport, qeIdentity)
  if (qeIdentity === undefined) list.skip(QE_CODES, "QE_IDENTITY_MISSING", "QE_IDENTITY_FORM")
  if (tcbInfo === undefined || tcbInfo.id !== familyOf(quote)) {
    list.skip(LEVEL_CODES, "TCB_INFO_MISSING", "TCB_INFO_FORM", "TCB_INFO_KIND")
    return { extension, tcbInfo, qeIdentity, tcb: undefined }
  }
  const platform = checkPlatformOf(list, quote, extension, tcbInfo)
  const module = checkModuleOf(list, quote, tcbInfo)
  return { extension, tcbInfo, qeIdentity, tcb: checkStatus(list, quote, tcbInfo, { platform, module, qe }) }
}

function checkPlatformOf(
  list: Checklist<TdxCode>,
  { body }: TdxQuote,
  extension: SgxExtension | undefined,
  tcbInfo: TcbInfo,
): TcbRating | undefined {
  if (extension) return checkPlatformLevel(list, extension, tcbInfo, body.kind === "td" ? body.teeTcbSvn : undefined)
  list.skip(["TCB_LEVEL"], "PCK_EXTENSIONS")
  return undefined
}

/** What a statement for this kind of quote is about. */
function familyOf({ body }: TdxQuote): "TDX" | "SGX" {
  return body.kind === "td" ? "TDX" : "SGX"
}

function checkTcbInfo(
  list: Checklist<TdxCode>,
  quote: TdxQuote,
  extension: SgxExtension | undefined,
  { tcbInfo }: IntelCollateral,
  context: StatementContext,
): TcbInfo | undefined {
  const info = checkStatement(
    list,
    {
      subject: "tcbInfo",
      id: familyOf(quote),
      codes: ["TCB_INFO_MISSING", "TCB_INFO_FORM", "TCB_INFO_SIGNATURE", "TCB_INFO_KIND", "TCB_INFO_VALIDITY"],
      read: readTcbInfo,
    },
    tcbInfo,
    context,
  )
  if (info === undefined || extension === undefined || info.id !== familyOf(quote)) {
    const because = ["PCK_EXTENSIONS", "TCB_INFO_MISSING", "TCB_INFO_FORM", "TCB_INFO_KIND"] as const
    list.skip(["TCB_INFO_FMSPC", "TCB_INFO_PCEID"], ...because)
    return info
  }
  list.equal("TCB_INFO_FMSPC", "tcbInfo.fmspc", info.fmspc, encodeHex(extension.fmspc))
  list.equal("TCB_INFO_PCEID", "tcbInfo.pceId", info.pceId, encodeHex(extension.pceId))
  return info
}

function checkQeIdentity(
  list: Checklist<TdxCode>,
  quote: TdxQuote,
  { qeIdentity }: IntelCollateral,
  context: StatementContext,
): QeIdentity | undefined {
  return checkStatement(
    list,
    {
      subject: "qeIdentity",
      id: quote.body.kind === "td" ? "TD_QE" : "QE",
      codes: [
        "QE_IDENTITY_MISSING",
        "QE_IDENTITY_FORM",
        "QE_IDENTITY_SIGNATURE",
        "QE_IDENTITY_KIND",
        "QE_IDENTITY_VALIDITY",
      ],
      read: readQeIdentity,
    },
    qeIdentity,
    context,
  )
}

function checkModuleOf(list: Checklist<TdxCode>, { body }: TdxQuote, tcbInfo: TcbInfo): ModuleRating {
  if (body.kind === "td") return checkModule(list, body, tcbInfo)
  list.skip(["TDX_MODULE_UNKNOWN", "TDX_MODULE_SIGNER", "TDX_MODULE_ATTRIBUTES", "TDX_MODULE_LEVEL"], "TDX_TEE_TYPE")
  return { known: true, rating: undefined }
}
