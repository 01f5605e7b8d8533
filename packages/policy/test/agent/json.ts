/** A JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** An operation of a JSON Patch (RFC 6902), as far as tests and the agent's state need them. */
export type Operation =
  | { readonly op: "add" | "replace"; readonly path: string; readonly value: Json }
  | { readonly op: "remove"; readonly path: string }

/** Applies a patch to a value, which stays as it is. */
export function applyPatch(value: Json, patch: readonly Operation[]): Json {
  return patch.reduce((current, operation) => applyAt(current, parsePointer(operation.path), operation), value)
}

/** The value at a JSON pointer. */
export function valueAt(value: Json, pointer: string): Json {
  return parsePointer(pointer).reduce(childOf, value)
}

function parsePointer(pointer: string): readonly string[] {
  const parts = pointer.split("/").slice(1)
  return parts.map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
}

function childOf(value: Json, key: string): Json {
  const child = isObject(value) ? value[key] : Array.isArray(value) ? (value[Number(key)] as Json) : undefined // a Json list
  if (child === undefined) {
    throw new RangeError(`nothing at ${key}`)
  }
  return child
}

function applyAt(value: Json, path: readonly string[], operation: Operation): Json {
  const [key, ...rest] = path
  if (key === undefined) {
    return operation.op === "remove" ? null : operation.value
  }
  if (isObject(value)) {
    return applyToObject(value, { key, rest, operation })
  }
  if (isList(value)) {
    return applyToList(value, { key, rest, operation })
  }
  throw new RangeError(`no container at ${operation.path}`)
}

interface Step {
  readonly key: string
  readonly rest: readonly string[]
  readonly operation: Operation
}

function applyToObject(value: Readonly<Record<string, Json>>, { key, rest, operation }: Step): Json {
  if (rest.length > 0) {
    return { ...value, [key]: applyAt(childOf(value, key), rest, operation) }
  }
  if (operation.op !== "add") {
    childOf(value, key)
  }
  const others = Object.fromEntries(Object.entries(value).filter(([name]) => name !== key))
  return operation.op === "remove" ? others : { ...value, [key]: operation.value }
}

function applyToList(value: readonly Json[], { key, rest, operation }: Step): Json {
  const index = key === "-" ? value.length : Number(key)
  if (rest.length > 0) {
    return value.with(index, applyAt(childOf(value, key), rest, operation))
  }
  switch (operation.op) {
    case "add":
      return value.toSpliced(index, 0, operation.value)
    case "replace":
      return value.with(index, operation.value)
    case "remove":
      return value.toSpliced(index, 1)
  }
}

export function isObject(value: Json): value is Readonly<Record<string, Json>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

export function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
