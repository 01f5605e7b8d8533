import { type Document, type YAMLMap, isMap, isSeq } from "yaml"

/** The objects of a document: itself, or the items of a `List`. */
export function listObjects(tree: Document): readonly YAMLMap[] {
  const { contents } = tree
  if (!isMap(contents)) {
    return []
  }
  const items = contents.get("kind") === "List" ? contents.get("items") : undefined
  return isSeq(items) ? items.items.filter((item) => isMap(item)) : [contents]
}
