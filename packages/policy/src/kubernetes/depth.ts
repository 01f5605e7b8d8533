import type { CST } from "yaml"

/**
 * Looks for collections nested deeper than `limit` in tokens that were not composed yet, because composing recurses.
 *
 * @returns The offset of the first one, if any.
 */
export function exceedsDepth(tokens: readonly CST.Token[], limit: number): number | undefined {
  let level = tokens.flatMap((token) => (token.type === "document" && token.value ? [token.value] : []))
  for (let depth = 0; level.length > 0; depth++) {
    const collections = level.filter((token) => "items" in token)
    const [first] = collections
    if (first !== undefined && depth === limit) {
      return first.offset
    }
    level = collections.flatMap(({ items }) =>
      items.flatMap(({ key, value }) => [key, value].filter((token) => token !== null && token !== undefined)),
    )
  }
  return undefined
}
