import { setImmediate as nextTurn } from "node:timers/promises"
import { perform, type Engine, type Result } from "./engine.ts"
import { TransitError } from "./error.ts"
import { parseBatchItem, type RequestBody } from "./request.ts"
import type { Operation } from "./route.ts"

/** A status and its JSON body. */
export interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

/** Items handled before other requests get their turn. */
const ITEMS_PER_TURN = 64

/**
 * Carries out the items of a batch in order. Each fails for itself; one failure makes the whole answer 400, or the
 * status that the caller asked for if something else succeeded, with all results in it.
 *
 * @param admit - Asked at the beginning and after each turn of others: the caller may have been removed meanwhile.
 * @throws TransitError What `admit` throws.
 */
export async function performBatch(
  admit: () => Engine,
  operation: Operation,
  name: string,
  { items, partialFailureStatus }: Extract<RequestBody, { kind: "batch" }>,
): Promise<Answer> {
  const results: Result[] = []
  let engine = admit()
  let failures = 0
  for (const [index, item] of items.entries()) {
    if (index % ITEMS_PER_TURN === ITEMS_PER_TURN - 1) {
      await nextTurn()
      engine = admit()
    }
    const result = performItem(engine, operation, name, item)
    if ("error" in result) failures += 1
    results.push(result)
  }
  const data = { batch_results: results }
  if (failures === 0) return { status: 200, body: { data } }
  if (partialFailureStatus !== undefined && failures < items.length) {
    return { status: partialFailureStatus, body: { data } }
  }
  return { status: 400, body: { errors: [`${failures} of ${items.length} batch items failed`], data } }
}

function performItem(engine: Engine, operation: Operation, name: string, item: unknown): Result {
  let reference: string | undefined
  try {
    const parsed = parseBatchItem(item)
    reference = parsed.reference
    return withReference(perform(engine, operation, name, parsed.fields), reference)
  } catch (error) {
    if (!(error instanceof TransitError)) throw error
    return withReference({ error: error.message }, reference)
  }
}

function withReference(result: Result, reference: string | undefined): Result {
  return reference === undefined ? result : { ...result, reference }
}
