/** One thing that evidence says. */
export interface Field {
  /** As in the specification of its format, in camel case. */
  readonly name: string
  /** Lower-case hex, a decimal number, a time or words. */
  readonly value: string
  /** What it means, where the name does not say it. */
  readonly note?: string
}

/** Fields that belong together. */
export interface Section {
  readonly name: string
  readonly title: string
  readonly fields: readonly Field[]
}

/** A flag as a field. */
export function flagField(name: string, isSet: boolean, note?: string): Field {
  return { name, value: isSet ? "yes" : "no", ...(note !== undefined && { note }) }
}

/** Sections for people: a title, and a line for each field. */
export function formatSections(sections: readonly Section[]): string {
  return sections.map(formatSection).join("\n\n")
}

/** Sections for programs: an object of objects. */
export function dataOfSections(sections: readonly Section[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    sections.map(({ name, fields }) => [name, Object.fromEntries(fields.map((field) => [field.name, field.value]))]),
  )
}

function formatSection({ title, fields }: Section): string {
  const width = Math.max(...fields.map(({ name }) => name.length))
  const lines = fields.map(
    ({ name, value, note }) => `  ${name.padEnd(width)}  ${value}${note === undefined ? "" : `  (${note})`}`,
  )
  return [title, ...lines].join("\n")
}
