import { isDeepStrictEqual } from "node:util"
import { type Document, type YAMLMap, YAMLSeq, isMap, isNode, isSeq } from "yaml"

/** A plain value as it is written into YAML. */
export type PlainValue = string | number | boolean | readonly PlainValue[] | { readonly [key: string]: PlainValue }

/** A map of a document that may be changed; the document makes the nodes. */
export interface EditableMap {
  readonly document: Document
  readonly map: YAMLMap
}

/** Gives a key this value. One that has it already is left alone, with its comments and style. */
export function setValue({ document, map }: EditableMap, key: string, value: PlainValue): void {
  if (holdsValue(map.get(key, true), value)) return
  // A bare scalar takes the place of another one inside its node, and so keeps its comment.
  map.set(key, typeof value === "object" ? document.createNode(value) : value)
}

/** Whether a list can be opened under a key without losing what is there. */
export function isListOrNothing(map: YAMLMap, key: string): boolean {
  const found = map.get(key)
  return found === undefined || isSeq(found)
}

/** The list under a key; an empty one is put there where there is nothing, see {@link isListOrNothing}. */
export function openList({ document, map }: EditableMap, key: string): EditableList {
  const found = map.get(key)
  if (isSeq(found)) return { document, list: found }
  const list = new YAMLSeq(document.schema)
  map.set(key, list)
  return { document, list }
}

/** A list of maps that are told apart by their `name`, as most lists of Kubernetes are. */
export interface EditableList {
  readonly document: Document
  readonly list: YAMLSeq
}

/** The maps of a list under a key; none where there is no list. */
export function listMaps(map: YAMLMap, key: string): readonly YAMLMap[] {
  const found = map.get(key)
  return isSeq(found) ? found.items.filter((item) => isMap(item)) : []
}

/** The map of this name. */
export function findNamed(map: YAMLMap, key: string, name: string): YAMLMap | undefined {
  return listMaps(map, key).find((item) => item.get("name") === name)
}

/** Puts a named map into a list, in place of one of that name or at the end; one that is equal is left alone. */
export function putNamed({ document, list }: EditableList, value: { readonly name: string } & PlainMap): void {
  const index = list.items.findIndex((item) => isMap(item) && item.get("name") === value.name)
  if (index >= 0 && holdsValue(list.items[index], value)) return
  list.items.splice(index >= 0 ? index : list.items.length, index >= 0 ? 1 : 0, document.createNode(value))
}

/** Takes maps out of a list, and with the last item the list itself. */
export function removeMaps(map: YAMLMap, key: string, isUnwanted: (item: YAMLMap) => boolean): void {
  const found = map.get(key)
  if (!isSeq(found)) return
  const kept = found.items.filter((item) => !(isMap(item) && isUnwanted(item)))
  if (kept.length === found.items.length) return
  if (kept.length > 0) found.items = kept
  else map.delete(key)
}

type PlainMap = { readonly [key: string]: PlainValue }

/** Whether a node stands for this value, in whatever style it is written. */
export function holdsValue(node: unknown, value: PlainValue): boolean {
  return isNode(node) && isDeepStrictEqual(plain(node.toJSON()), plain(value))
}

/** Big integers, which documents are read with, as numbers; everything as JSON has it. */
function plain(value: unknown): unknown {
  const text = JSON.stringify(value, (_key, part: unknown) => (typeof part === "bigint" ? Number(part) : part))
  return JSON.parse(text)
}
