import { type Document, type Node, Scalar, isDocument, isNode, isPair, isScalar, visit } from "yaml"

/**
 * Plain scalars that YAML 1.1, as `kubectl` reads it, and YAML 1.2 read as different values. Whichever reading is
 * taken here, the cluster might take the other one and run something else than the policy says.
 */
const AMBIGUOUS_FORMS: readonly { readonly form: RegExp; readonly reading: string }[] = [
  { form: /^(?:y|yes|n|no|on|off)$/i, reading: "a boolean" },
  { form: /^[-+]?0[0-9_]+$/, reading: "an octal number" },
  { form: /^[-+]?0o[0-7_]+$/, reading: "an octal number" },
  { form: /^[-+]?0b[01_]+$/, reading: "a binary number" },
  { form: /^[-+]0x[0-9a-fA-F_]+$|^0x[0-9a-fA-F]*_[0-9a-fA-F_]*$/, reading: "a hexadecimal number" },
  { form: /^[-+]?[0-9._]*_[0-9._]*(?:[eE][-+]?[0-9]+)?$/, reading: "a number with separators" },
  { form: /^[-+]?[0-9][0-9_]*(?::[0-9]+)+(?:\.[0-9_]*)?$/, reading: "a number to the base of 60" },
  { form: /^\d{4}-\d\d?-\d\d?(?:[Tt \t].*)?$/, reading: "a time" },
  { form: /^[-+]?\.(?:[eE][-+]?[0-9]+)?$/, reading: "a number" },
  { form: /^=$/, reading: "a default value" },
  { form: /^<<$/, reading: "a merge of maps" },
]

/** Plain scalars of the document or a part of it, keys among them, that need quotes to be read the same everywhere. */
export function findAmbiguousScalars(
  tree: Document | Node,
): readonly { readonly offset: number; readonly message: string }[] {
  const found: { offset: number; message: string }[] = []
  visit(tree, {
    Scalar(_key, { type, source, range }) {
      const text = type === Scalar.PLAIN ? source : undefined
      const reading = text === undefined ? undefined : ambiguousReading(text)
      if (text !== undefined && reading !== undefined) {
        const message = `YAML 1.1 reads ${text} as ${reading}: quote it or write the value in full`
        found.push({ offset: range?.[0] ?? 0, message })
      }
    },
  })
  return found
}

/**
 * Puts quotes around texts that were not read from the file but set since, where YAML 1.1 would read them as something
 * else. The library quotes for YAML 1.2 only.
 */
export function quoteAmbiguousEdits(tree: Document): void {
  visit(tree, (_key, node) => {
    if (isScalar(node)) {
      quoteAmbiguousEdit(node)
    }
    const isTree = isNode(node) || isPair(node) || isDocument(node) || node === null
    return isTree ? undefined : tree.createNode(node) // a plain value that was set: visited next, as the node it becomes
  })
}

function quoteAmbiguousEdit(scalar: Scalar): void {
  const { type = Scalar.PLAIN, source, value } = scalar
  const isEdit = type === Scalar.PLAIN && typeof value === "string" && value !== source
  if (isEdit && ambiguousReading(value) !== undefined) {
    scalar.type = Scalar.QUOTE_DOUBLE
  }
}

/** What YAML 1.1 takes a plain scalar for where YAML 1.2 takes it for something else. */
export function ambiguousReading(text: string): string | undefined {
  return AMBIGUOUS_FORMS.find(({ form }) => form.test(text))?.reading
}
