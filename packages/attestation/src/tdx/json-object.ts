const HEX = /^[0-9a-fA-F]*$/
const DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/

/** An object of Intel's JSON, read field by field: a field that is absent or of another type throws a RangeError. */
export class JsonObject {
  readonly #values: ReadonlyMap<string, unknown>

  constructor(value: unknown) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw new RangeError("expected an object")
    this.#values = new Map(Object.entries(value))
  }

  has(key: string): boolean {
    return this.#values.has(key)
  }

  text(key: string): string {
    const value = this.#values.get(key)
    if (typeof value !== "string") throw new RangeError(`expected text in ${key}`)
    return value
  }

  /** Lower-case digits of so many bytes; Intel writes both cases. */
  hex(key: string, bytes: number): string {
    const text = this.text(key)
    if (text.length !== 2 * bytes || !HEX.test(text)) throw new RangeError(`expected ${bytes} bytes of hex in ${key}`)
    return text.toLowerCase()
  }

  integer(key: string, maximum: number): number {
    const value = this.#values.get(key)
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0 || value > maximum) {
      throw new RangeError(`expected a number up to ${maximum} in ${key}`)
    }
    return value
  }

  /** A real moment, to the second, in UTC. */
  date(key: string): Date {
    const text = this.text(key)
    const date = new Date(DATE.test(text) ? text : "")
    // Date would move the 31st of February into March.
    if (Number.isNaN(date.getTime()) || date.toISOString() !== text.replace("Z", ".000Z")) {
      throw new RangeError(`expected a date in ${key}`)
    }
    return date
  }

  object(key: string): JsonObject {
    return new JsonObject(this.#values.get(key))
  }

  objects(key: string): readonly JsonObject[] {
    return this.#list(key).map((item) => new JsonObject(item))
  }

  /** Texts; none if the key is absent. */
  texts(key: string): readonly string[] {
    const items = this.has(key) ? this.#list(key) : []
    if (!items.every((item) => typeof item === "string")) throw new RangeError(`expected a list of texts in ${key}`)
    return items
  }

  #list(key: string): readonly unknown[] {
    const value: unknown = this.#values.get(key)
    if (!Array.isArray(value)) throw new RangeError(`expected a list in ${key}`)
    return value
  }
}
