import { encodeHex, type Certificate } from "@contrast/crypto"
import type { TdxReferenceValues } from "@contrast/manifest"
import {
  type CollateralSource,
  type Freshness,
  type IntelCollateral,
  type IntelQuery,
  NO_COLLATERAL,
} from "../collateral.ts"
import type { PolicyExpectation } from "../binding-checks.ts"
import { AttestationError, refusedBy } from "../error.ts"
import { EVIDENCE_OIDS, type Attested, type Validator } from "../evidence.ts"
import { refusalClassOf } from "../refusal-class.ts"
import type { Verdict } from "../verdict.ts"
import { tdxClaims } from "./claims.ts"
import type { TdxCode } from "./codes.ts"
import { parseTdxDocument } from "./document.ts"
import { findAuthority, parsePckChain } from "./pck-chain.ts"
import { HOST_DATA_BYTES } from "./platform.ts"
import { parseTdxQuote } from "./quote.ts"
import { TdxQuoteError } from "./quote-error.ts"
import { intelRoot } from "./root.ts"
import { parseSgxExtension } from "./sgx-extension.ts"
import { verifyTdx, type TdxContext, type TdxEvidence } from "./verify.ts"

/** An entry of `ReferenceValues.tdx` with its place. */
export interface LocatedTdxValues {
  readonly path: string
  readonly values: TdxReferenceValues
}

/** What quotes are judged with besides the manifest. */
export interface TdxTrust {
  readonly collateral: CollateralSource
  /** The default is what Intel publishes; no program passes another. */
  readonly root?: Certificate
}

/** Judges TDX evidence by the entries of a manifest: one of them has to accept all of it. */
export function createTdxValidator(
  entries: readonly LocatedTdxValues[],
  policy: PolicyExpectation,
  { collateral, root = intelRoot() }: TdxTrust = { collateral: NO_COLLATERAL },
): Validator {
  return {
    oid: EVIDENCE_OIDS.tdx,
    validate: (document, context) => validate(entries, collateral, document, { ...context, policy, root }),
  }
}

/** What one piece of evidence is judged by, whatever the entry. */
type Context = Omit<TdxContext, "values" | "path">

async function validate(
  entries: readonly LocatedTdxValues[],
  collateral: CollateralSource,
  document: Uint8Array,
  context: Context,
): Promise<Attested> {
  const quote = readQuote(document)
  const query = findIntelQuery(quote)
  // What is new enough for one entry may be too new for the machines that another one is for.
  const byMinimum = Map.groupBy(entries, ({ values }) => values.minTcbEvaluationDataNumber)
  const judgeWith = async (freshness: Freshness): Promise<Attested | readonly Verdict<TdxCode>[]> => {
    const refused: Verdict<TdxCode>[] = []
    for (const [minimumEvaluation, group] of byMinimum) {
      const found = await fetchCollateral(collateral, query && { ...query, minimumEvaluation }, freshness)
      const outcome = judge(group, { quote, collateral: found }, context)
      if (isAttested(outcome)) return outcome
      refused.push(...outcome)
    }
    return refused
  }

  const first = await judgeWith("cached")
  if (isAttested(first)) return first
  const second = query !== undefined && first.some(mayPassWhenRefreshed) ? await judgeWith("refresh") : first
  if (isAttested(second)) return second
  throw refusedBy(second)
}

/** Which of Intel's statements a quote needs, of any evaluation; `undefined` if it does not say which platform it comes from. */
export function findIntelQuery(quote: Uint8Array): IntelQuery | undefined {
  try {
    const chain = parsePckChain(parseTdxQuote(quote).pckChain)
    const fmspc = chain && parseSgxExtension(chain.leaf)?.fmspc
    const ca = chain && findAuthority(chain)
    return fmspc && ca && { fmspc, ca, minimumEvaluation: 0 }
  } catch (error) {
    if (error instanceof TdxQuoteError) return undefined
    throw error
  }
}

const NOTHING: IntelCollateral = {
  ...{ tcbInfo: undefined, qeIdentity: undefined, rootCrl: undefined, pckCrl: undefined },
  problems: ["the quote does not say which platform it comes from"],
}

function fetchCollateral(
  source: CollateralSource,
  query: IntelQuery | undefined,
  freshness: Freshness,
): Promise<IntelCollateral> {
  return query === undefined ? Promise.resolve(NOTHING) : source.intel(query, freshness)
}

/** What the first entry that accepts makes of the evidence, or what each of them refuses it for. */
function judge(
  entries: readonly LocatedTdxValues[],
  evidence: TdxEvidence,
  context: Context,
): Attested | readonly Verdict<TdxCode>[] {
  const refused: Verdict<TdxCode>[] = []
  for (const { path, values } of entries) {
    const { verdict, quote } = verifyTdx(evidence, { ...context, path, values })
    if (verdict.accepted && quote?.body.kind === "td") {
      const policyHash = encodeHex(quote.body.mrConfigId.subarray(0, HOST_DATA_BYTES))
      return { platform: "tdx", policyHash, claims: () => tdxClaims(quote), verdict }
    }
    refused.push(verdict)
  }
  return refused
}

function isAttested(outcome: Attested | readonly Verdict<TdxCode>[]): outcome is Attested {
  return "platform" in outcome
}

/** Fresh collateral helps only where nothing else stands against the evidence. */
function mayPassWhenRefreshed({ checks }: Verdict<TdxCode>): boolean {
  return checks.every(({ id, outcome }) => outcome !== "fail" || refusalClassOf(id) === "wait")
}

function readQuote(document: Uint8Array): Uint8Array {
  try {
    return parseTdxDocument(document)
  } catch (cause) {
    throw new AttestationError("EVIDENCE_FORM", "expected a protobuf document tdx.QuoteV4 or tdx.QuoteV5", { cause })
  }
}
