import { TransitError } from "./error.ts"

/** Most items in one batch. */
export const MAX_BATCH_ITEMS = 100_000

/** A batch nests three levels deep: the body, its list and an item. What is wrong deeper down is the item's own affair. */
const MAX_DEPTH = 8
/** Objects and lists: one for each item, and some that hold them. */
const MAX_OPENINGS: number = MAX_BATCH_ITEMS + 16
/** An item has five members at most. */
const MAX_COMMAS: number = 5 * MAX_BATCH_ITEMS + 16

/** What the parser makes of one value at worst, which is one whose member has a name that nothing else has. */
const VALUE_BYTES = 80
/** What an item of a batch leaves at worst: its result, and that as the text of the answer. */
const RESULT_BYTES = 256
/** What is made of a body at most, beside its strings. */
export const MAX_EXTENT_BYTES: number = (MAX_OPENINGS + MAX_COMMAS) * VALUE_BYTES + MAX_BATCH_ITEMS * RESULT_BYTES

/** Within the body and its list. */
const ITEM_DEPTH = 2

const QUOTE = 0x22
const COMMA = 0x2c
const OPENING_BRACKET = 0x5b
const BACKSLASH = 0x5c
const CLOSING_BRACKET = 0x5d
const OPENING_BRACE = 0x7b
const CLOSING_BRACE = 0x7d

/**
 * Refuses what the parser would make too much of: it keeps every value, and `{},` becomes twenty times as large; as an
 * item of a batch, which has a result, a hundred times. Says nothing about whether it is JSON.
 *
 * @returns What will be made of it, in bytes beside those of its strings: values by the parser, and results of a batch.
 * @throws {@link TransitError} `REQUEST`.
 */
export function measureExtent(text: string): number {
  let depth = 0
  let openings = 0
  let commas = 0
  let items = 0
  for (let offset = 0; offset < text.length; offset += 1) {
    switch (text.charCodeAt(offset)) {
      case QUOTE:
        offset = endOfString(text, offset)
        break
      case COMMA:
        commas += 1
        if (depth === ITEM_DEPTH) items += 1
        if (commas > MAX_COMMAS) throw tooMuch("values")
        break
      case OPENING_BRACE:
      case OPENING_BRACKET:
        openings += 1
        depth += 1
        if (openings > MAX_OPENINGS) throw tooMuch("objects and lists")
        if (depth > MAX_DEPTH) throw new TransitError("REQUEST", `the body may nest ${MAX_DEPTH} levels deep`)
        break
      case CLOSING_BRACE:
      case CLOSING_BRACKET:
        depth -= 1
    }
  }
  // More items than a batch may have are no batch.
  return (openings + commas) * VALUE_BYTES + Math.min(items, MAX_BATCH_ITEMS) * RESULT_BYTES
}

function tooMuch(what: string): TransitError {
  return new TransitError("REQUEST", `the body holds more ${what} than a batch of ${MAX_BATCH_ITEMS} items has`)
}

/** Most of a body is one long string, which is searched and not walked through. */
function endOfString(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    if (!isEscaped(text, quote)) return quote
  }
  return text.length
}

/** Whether an odd number of backslashes stands before; a run of them is before one quote only, so this stays linear. */
function isEscaped(text: string, quote: number): boolean {
  let before = quote - 1
  while (text.charCodeAt(before) === BACKSLASH) before -= 1
  return (quote - before) % 2 === 0
}
