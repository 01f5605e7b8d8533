import { parseRevocationList } from "@contrast/attestation"
import { decodeUtf8, parseCertificate } from "@contrast/crypto"
import type { Content } from "./entry.ts"
import type { Item } from "./item.ts"

/** What a piece of collateral says of its own time. Reading it verifies nothing: it counts only for what its vendor signed. */
export interface Standing {
  readonly from: Date
  readonly until: Date
  /** Intel's count of its evaluations of a platform; 0 where there is none. */
  readonly evaluation: number
}

/** Reads when a piece of collateral begins and ends; `undefined` if it is not what its item asks for. */
export function findStanding(item: Item, content: Content): Standing | undefined {
  try {
    return readStanding(item, content)
  } catch {
    return undefined
  }
}

/**
 * Whether a piece was made before another one of the same item, so that it must not take its place: by the count of
 * evaluations first, then by the day. Intel's lists all have the number 1. Leaf certificates have no order.
 */
export function isOlder(item: Item, candidate: Standing, kept: Standing): boolean {
  if (item.kind === "vcek") return false
  if (candidate.evaluation !== kept.evaluation) return candidate.evaluation < kept.evaluation
  return candidate.from < kept.from
}

function readStanding(item: Item, { body, issuerChain }: Content): Standing {
  switch (item.kind) {
    case "vcek": {
      const { notBefore, notAfter } = parseCertificate(body)
      return { from: notBefore, until: notAfter, evaluation: 0 }
    }
    case "amd-crl":
    case "pck-crl":
    case "root-crl": {
      const { thisUpdate, nextUpdate } = parseRevocationList(body)
      return { from: thisUpdate, until: nextUpdate, evaluation: 0 }
    }
    case "tcb-info":
    case "qe-identity":
      if (issuerChain === undefined) throw new RangeError("no certificates of its signer")
      return readStatement(body, item.kind === "tcb-info" ? "tcbInfo" : "enclaveIdentity", item.evaluation)
  }
}

/** @param wanted - The evaluation number that was asked for, if one was. */
function readStatement(body: Uint8Array, name: string, wanted: number | undefined): Standing {
  const statement = member(JSON.parse(decodeUtf8(body)), name)
  const evaluation = member(statement, "tcbEvaluationDataNumber")
  if (typeof evaluation !== "number" || !Number.isSafeInteger(evaluation)) throw new TypeError("not a number")
  if (wanted !== undefined && evaluation !== wanted) throw new RangeError("another evaluation number")
  return { from: time(member(statement, "issueDate")), until: time(member(statement, "nextUpdate")), evaluation }
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) throw new TypeError(`no ${name}`)
  return (value as Readonly<Record<string, unknown>>)[name] // it has it, by the line above
}

function time(value: unknown): Date {
  if (typeof value !== "string" || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value)) throw new TypeError("not a time")
  const date = new Date(value)
  if (Number.isNaN(date.getTime())) throw new RangeError("no such time")
  return date
}
