import type { JsonObject } from "./json-object.ts"

/** What everything has that Intel signs for a period. */
export interface Statement {
  /** What it is about: `TDX`, `SGX`, `TD_QE` or `QE`. */
  readonly id: string
  readonly issueDate: Date
  readonly nextUpdate: Date
  /** Counts Intel's recoveries: a higher number knows of more weaknesses. */
  readonly evaluationNumber: number
}

/** Reads it. @throws RangeError also on another version. */
export function readStatement(content: JsonObject, version: number): Statement {
  if (content.integer("version", version) !== version) throw new RangeError(`expected version ${version}`)
  return {
    id: content.text("id"),
    issueDate: content.date("issueDate"),
    nextUpdate: content.date("nextUpdate"),
    evaluationNumber: content.integer("tcbEvaluationDataNumber", 0xffff_ffff),
  }
}
