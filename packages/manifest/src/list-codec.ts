import { type Codec, expectKind } from "./codec.ts"

/** An array of at most `max` items. */
export function list<T>(item: Codec<T>, max: number): Codec<readonly T[]> {
  return {
    read(node, problems) {
      const items = expectKind(node, "array", problems)?.items
      if (items === undefined) return undefined
      if (items.length > max) {
        problems.add("OUT_OF_RANGE", node, `expected at most ${max} items, got ${items.length}`)
        return undefined
      }
      const before = problems.count
      // Without a new problem every item has its value, which may be the undefined of a blank.
      const values = items.map((child) => item.read(child, problems) as T)
      return problems.count > before ? undefined : values
    },
    write: (values) => values.map((value) => item.write(value)),
  }
}

/** An array of at most `max` items, in which none is written as `null`, as Go writes a nil slice. */
export function nullableList<T>(item: Codec<T>, max: number): Codec<readonly T[]> {
  const items = list(item, max)
  return {
    read: (node, problems) => (node.kind === "null" ? [] : items.read(node, problems)),
    write: (values) => (values.length === 0 ? null : items.write(values)),
  }
}

/** An array of exactly `count` items. */
export function tuple<T>(item: Codec<T>, count: number): Codec<readonly T[]> {
  const items = list(item, count)
  return {
    read(node, problems) {
      const values = items.read(node, problems)
      if (values === undefined || values.length === count) return values
      problems.add("OUT_OF_RANGE", node, `expected ${count} items, got ${values.length}`)
      return undefined
    },
    write: (values) => items.write(values),
  }
}
