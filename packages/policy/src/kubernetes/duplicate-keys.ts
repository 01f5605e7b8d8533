import { type Document, isScalar, visit } from "yaml"

/** Keys that a map of the document names again: as text, since that is how JSON will see them. */
export function findDuplicateKeys(tree: Document): readonly { readonly offset: number; readonly key: string }[] {
  const duplicates: { offset: number; key: string }[] = []
  visit(tree, {
    Map(_key, map) {
      const seen = new Set<string>()
      for (const { key: node } of map.items) {
        if (!isScalar(node)) {
          continue
        }
        const key = String(node.value)
        if (seen.has(key)) {
          duplicates.push({ offset: node.range?.[0] ?? 0, key })
        }
        seen.add(key)
      }
    },
  })
  return duplicates
}
