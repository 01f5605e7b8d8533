import { type Codec, blankable, excerpt, expectKind } from "./codec.ts"
import { type JsonValue, isArray } from "./go-json.ts"
import { type JsonMember, type JsonNode, type JsonPlace } from "./json.ts"
import { keyPath } from "./json-path.ts"
import { type Problems } from "./problems.ts"
import { didYouMean } from "./spelling.ts"

/** One key of an object. */
export interface Field<T> {
  readonly key: string
  /** Reads the member under the key, which is `undefined` where the key is absent; `place` is where it would stand. */
  read(member: JsonNode | undefined, place: JsonPlace, problems: Problems): T | undefined
  /** Writes the value; `undefined` leaves the key out. */
  write(value: T | undefined): JsonValue | undefined
}

/** The fields of an object, by property name, in the order in which they are written. */
export type Fields<T> = { readonly [Property in keyof T]-?: Field<T[Property]> }

/** An object with exactly these fields: any other key, and any key twice, is a problem. */
export function struct<T extends object>(fields: Fields<T>): Codec<T> {
  // Each property has its own type, which a loop over all of them cannot know.
  const entries = Object.entries(fields) as [keyof T, Field<unknown>][]
  const keys = entries.map(([, { key }]) => key)
  return {
    read(node, problems) {
      const object = expectKind(node, "object", problems)
      if (object === undefined) return undefined
      const before = problems.count
      const found = readMembers(object.members, problems)
      refuseUnknownKeys(object.members, keys, problems)
      const value: Partial<Record<keyof T, unknown>> = {}
      for (const [property, field] of entries) {
        const place = { path: keyPath(node.path, field.key), offset: object.closing }
        const read = field.read(found.get(field.key), place, problems)
        if (read !== undefined) value[property] = read
      }
      // Without a new problem every field has its value.
      return problems.count > before ? undefined : (value as T)
    },
    write(value) {
      const written = entries.map(([property, field]) => [field.key, field.write(value[property])] as const)
      return Object.fromEntries(written.filter((member): member is [string, JsonValue] => member[1] !== undefined))
    },
  }
}

/** A key that must be there. */
export function required<T>(key: string, codec: Codec<T>): Field<T> {
  return {
    key,
    read(member, place, problems) {
      if (member !== undefined) return codec.read(member, problems)
      problems.add("MISSING_KEY", place, "expected this key")
      return undefined
    },
    // The property is there; undefined is a value only to a codec of blanks.
    write: (value) => codec.write(value as T),
  }
}

/** A key that is left out when the property is absent. */
export function optional<T>(key: string, codec: Codec<T | undefined>): Field<T> {
  return {
    key,
    read: (member, _place, problems) => (member === undefined ? undefined : codec.read(member, problems)),
    write: (value) => (value === undefined ? undefined : codec.write(value)),
  }
}

/** A key that counts as `zero` when it is left out, and is written in any case. */
export function defaulted<T>(key: string, codec: Codec<T>, zero: T): Field<T> {
  return {
    key,
    read: (member, _place, problems) => (member === undefined ? zero : codec.read(member, problems)),
    write: (value) => codec.write(value as T),
  }
}

/** A key whose value may still have to be filled in: without one it is written as `""` or `null`, and read so or left out. */
export function fillable<T>(key: string, codec: Codec<T>, blank: "" | null): Field<T | undefined> {
  return defaulted(key, blankable(codec, blank), undefined)
}

/** A key that counts as `zero` when it is left out, and is left out when its value is empty (Go's `omitempty`). */
export function omitEmpty<T>(key: string, codec: Codec<T>, zero: T): Field<T> {
  return {
    ...defaulted(key, codec, zero),
    write(value) {
      const written = codec.write(value as T)
      return isEmpty(written) ? undefined : written
    },
  }
}

/** The members by key; a key that comes again is a problem. */
export function readMembers(members: readonly JsonMember[], problems: Problems): ReadonlyMap<string, JsonNode> {
  const found = new Map<string, JsonNode>()
  for (const member of members) {
    if (found.has(member.key)) problems.add("DUPLICATE_KEY", member, `the key ${excerpt(member.key)} is there twice`)
    found.set(member.key, member.value)
  }
  return found
}

/** Notes each key that is not known: it may be a restriction that would not be enforced. */
export function refuseUnknownKeys(members: readonly JsonMember[], known: readonly string[], problems: Problems): void {
  for (const member of members) {
    if (known.includes(member.key)) continue
    problems.add("UNKNOWN_KEY", member, `unknown key ${excerpt(member.key)}${didYouMean(member.key, known)}`)
  }
}

function isEmpty(value: JsonValue): boolean {
  return value === null || value === false || (isArray(value) && value.length === 0)
}
