import { type Value, type ValueMap, isValueList, isValueMap } from "./value.ts"

/** Takes what is wrong with a field of the object. */
export type Report = (path: string, message: string) => void

/**
 * The fields of one map of an object. Each is read by name and type, and whatever was never asked for is reported as
 * unsupported: what is not understood must not pass. `null` and an empty text count as absent, as for the API server.
 * Empty lists and maps say nothing.
 */
export class Fields {
  readonly path: string
  readonly #map: ValueMap
  readonly #report: Report
  readonly #known = new Set<string>()
  #isChoice = false

  constructor(map: ValueMap, path: string, report: Report) {
    this.#map = map
    this.path = path
    this.#report = report
  }

  /** Reports a problem of this map, or of a field of it. */
  refuse(message: string, key?: string): void {
    this.#report(key === undefined ? this.path : this.#pathOf(key), message)
  }

  /** How many fields there are, known or not. */
  get size(): number {
    return [...this.#map.values()].filter((value) => value !== null).length
  }

  has(key: string): boolean {
    return this.#get(key) !== undefined
  }

  /** Whether a field is there with nothing behind its name. */
  isNull(key: string): boolean {
    return this.#map.get(key) === null
  }

  /** Reports unknown fields also if they are empty: here the name of a map alone makes a choice. */
  expectChoice(): void {
    this.#isChoice = true
  }

  /** Accepts fields of any content: they do not change what runs in the guest. */
  ignore(...keys: readonly string[]): void {
    keys.forEach((key) => this.#known.add(key))
  }

  /** Accepts all fields that were not asked for. */
  ignoreRest(): void {
    this.ignore(...this.#map.keys())
  }

  text(key: string): string | undefined {
    const value = this.#get(key)
    if (value === undefined || typeof value === "string") {
      return value === "" ? undefined : value
    }
    this.#refuseType(key, "a string")
    return undefined
  }

  requiredText(key: string): string {
    const value = this.text(key)
    if (value === undefined) {
      this.refuse("expected a value", key)
    }
    return value ?? ""
  }

  /** One of a few texts. */
  choice<T extends string>(key: string, choices: readonly T[]): T | undefined {
    const value = this.text(key)
    const choice = choices.find((candidate) => candidate === value)
    if (value !== undefined && choice === undefined) {
      this.refuse(`expected ${choices.join(" or ")}, got ${JSON.stringify(value)}`, key)
    }
    return choice
  }

  flag(key: string): boolean | undefined {
    const value = this.#get(key)
    if (value === undefined || typeof value === "boolean") {
      return value
    }
    this.#refuseType(key, "true or false")
    return undefined
  }

  /** A user or group id: 0 to 2^32 - 1. */
  id(key: string): number | undefined {
    const value = this.#get(key)
    if (value === undefined || isId(value)) {
      return value
    }
    this.#refuseType(key, "an integer from 0 to 4294967295")
    return undefined
  }

  ids(key: string): readonly number[] {
    const list = this.#list(key)
    if (list.every(isId)) {
      return list
    }
    this.#refuseType(key, "integers from 0 to 4294967295")
    return []
  }

  texts(key: string): readonly string[] {
    const list = this.#list(key)
    if (list.every((value) => typeof value === "string")) {
      return list
    }
    this.#refuseType(key, "strings")
    return []
  }

  textMap(key: string): ReadonlyMap<string, string> {
    const map = this.#mapOf(key) ?? new Map<string, Value>()
    const entries = [...map].flatMap(([name, value]) => {
      if (typeof value === "string") {
        return [[name, value] as const]
      }
      if (value === null) {
        return []
      }
      this.#report(`${this.#pathOf(key)}${pathStep(name)}`, "expected a string")
      return []
    })
    return new Map(entries)
  }

  /** Reads a map; one that is absent is read as an empty one. */
  map<T>(key: string, read: (fields: Fields) => T): T {
    return readFields({ map: this.#mapOf(key) ?? new Map(), path: this.#pathOf(key), report: this.#report }, read)
  }

  /** Reads a map, if there is one. */
  optionalMap<T>(key: string, read: (fields: Fields) => T): T | undefined {
    return this.has(key) ? this.map(key, read) : undefined
  }

  /** Reads the maps of a list, in order. */
  list<T>(key: string, read: (fields: Fields) => T): readonly T[] {
    return this.#list(key).flatMap((value, index) => {
      const path = `${this.#pathOf(key)}[${index}]`
      if (isValueMap(value)) {
        return [readFields({ map: value, path, report: this.#report }, read)]
      }
      this.#report(path, "expected a map")
      return []
    })
  }

  /** Reports the fields that nobody asked for. */
  end(): void {
    for (const [key, value] of this.#map) {
      if (!this.#known.has(key) && !this.#saysNothing(value)) {
        this.refuse("unsupported field", key)
      }
    }
  }

  #saysNothing(value: Value): boolean {
    return value === null || (!this.#isChoice && isEmpty(value))
  }

  #get(key: string): Exclude<Value, null> | undefined {
    this.#known.add(key)
    return this.#map.get(key) ?? undefined
  }

  #list(key: string): readonly Value[] {
    const value = this.#get(key)
    if (value === undefined || isValueList(value)) {
      return value ?? []
    }
    this.#refuseType(key, "a list")
    return []
  }

  #mapOf(key: string): ValueMap | undefined {
    const value = this.#get(key)
    if (value === undefined || isValueMap(value)) {
      return value
    }
    this.#refuseType(key, "a map")
    return undefined
  }

  #refuseType(key: string, expected: string): void {
    this.refuse(`expected ${expected}`, key)
  }

  #pathOf(key: string): string {
    const step = pathStep(key)
    return this.path === "" && step.startsWith(".") ? step.slice(1) : `${this.path}${step}`
  }
}

/** Where a map stands and who is told of its problems. */
export interface FieldsSource {
  readonly map: ValueMap
  readonly path: string
  readonly report: Report
}

/** Reads a map to its end: fields that `read` does not ask for are reported. */
export function readFields<T>({ map, path, report }: FieldsSource, read: (fields: Fields) => T): T {
  const fields = new Fields(map, path, report)
  const result = read(fields)
  fields.end()
  return result
}

function isId(value: Value): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value < 2 ** 32
}

function isEmpty(value: Value): boolean {
  return isValueMap(value) ? value.size === 0 : isValueList(value) && value.length === 0
}

function pathStep(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`
}
