import { type Document, type YAMLMap, isMap, isSeq } from "yaml"

/** A text of an object; an empty one counts as absent, as for the API server. */
export function findText(object: YAMLMap, path: readonly string[]): string | undefined {
  const value = object.getIn(path)
  return typeof value === "string" && value !== "" ? value : undefined
}

/** The objects of a document: itself, or the items of a `List`. */
export function listObjects(tree: Document): readonly YAMLMap[] {
  const { contents } = tree
  if (!isMap(contents)) {
    return []
  }
  const items = contents.get("kind") === "List" ? contents.get("items") : undefined
  return isSeq(items) ? items.items.filter((item) => isMap(item)) : [contents]
}
