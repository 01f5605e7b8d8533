import type { Checklist } from "../checklist.ts"
import type { SignedCollateral } from "../collateral.ts"
import { memoize } from "../memo.ts"
import { describeAbsence } from "./absence.ts"
import { SIGNER_CODES, type TdxCode } from "./codes.ts"
import { verifyStatementSignature } from "./intel-signature.ts"
import type { JsonObject } from "./json-object.ts"
import { parseSignedJson, type SignedJson } from "./signed-json.ts"
import type { Statement } from "./statement.ts"
import { checkTcbSigner, type SignerContext } from "./tcb-signer.ts"

/** One kind of statement and the checks that it goes through. */
export interface StatementKind<T extends Statement> {
  /** Names it in the verdict. */
  readonly subject: string
  /** What it has to be about. */
  readonly id: string
  readonly codes: readonly [missing: TdxCode, form: TdxCode, signature: TdxCode, kind: TdxCode, validity: TdxCode]
  readonly read: (body: Uint8Array) => SignedStatement<T>
}

/** A statement with what its signature covers. */
export interface SignedStatement<T> {
  readonly json: SignedJson
  readonly statement: T
}

/** Reads statements under this key of the signed text. */
export function statementReader<T>(
  envelope: string,
  parse: (content: JsonObject) => T,
): (body: Uint8Array) => SignedStatement<T> {
  return memoize((body) => {
    const json = parseSignedJson(body, envelope)
    return { json, statement: parse(json.content) }
  })
}

/** What a statement is judged by. */
export interface StatementContext extends SignerContext {
  readonly problems: readonly string[]
}

/** Checks that Intel made the statement, for now and about the right thing. @returns it, if its form is good. */
export function checkStatement<T extends Statement>(
  list: Checklist<TdxCode>,
  kind: StatementKind<T>,
  signed: SignedCollateral | undefined,
  context: StatementContext,
): T | undefined {
  const { subject, codes } = kind
  const [missing, form, signature, ...rest] = codes
  const presence = signed ? "present" : describeAbsence(context.problems)
  if (!list.equal(missing, subject, presence, "present") || signed === undefined) {
    list.skip([...SIGNER_CODES, form, signature, ...rest], missing)
    return undefined
  }
  const signer = checkTcbSigner(list, `${subject}.issuerChain`, signed.issuerChain, context)
  const read = tryRead(signed.body, kind)
  const isRead = typeof read !== "string"
  if (!list.equal(form, subject, isRead ? "signed JSON" : read, "signed JSON") || !isRead) {
    list.skip([signature, ...rest], form)
    return undefined
  }
  if (signer === undefined) list.skip([signature], "TCB_SIGNER_MISSING", "TCB_SIGNER")
  else {
    const good = verifyStatementSignature(signer.publicKey, read.json.signedBytes, read.json.signature)
    list.equal(signature, `${subject}.signature`, good ? "good" : "bad", "good")
  }
  checkScope(list, kind, read.statement, context.now)
  return read.statement
}

function checkScope<T extends Statement>(
  list: Checklist<TdxCode>,
  { subject, id, codes: [, , , kind, validity] }: StatementKind<T>,
  statement: T,
  now: Date,
): void {
  list.equal(kind, `${subject}.id`, statement.id, id)
  list.check(validity, {
    subject: `${subject}.nextUpdate`,
    passed: statement.issueDate <= now && now <= statement.nextUpdate,
    expected: now.toISOString(),
    actual: `${statement.issueDate.toISOString()} to ${statement.nextUpdate.toISOString()}`,
  })
}

/** The statement, or why it is none. */
function tryRead<T extends Statement>(body: Uint8Array, { read }: StatementKind<T>): SignedStatement<T> | string {
  try {
    return read(body)
  } catch (error) {
    return error instanceof RangeError ? error.message : "not signed JSON"
  }
}
