import { describe, expect, test } from "@jest/globals"
import fc from "fast-check"
import { FILE_LIMITS, PolicyError, encodeKubernetesFile, findWorkloads, parseKubernetesFile } from "../../src/index.ts"
import { codeOf, messageOf } from "../code-of.ts"
import { FUZZ_RUNS } from "../fuzz.ts"

const FILE = `# about the file
apiVersion: v1
kind: ConfigMap   # spaced out
metadata: {name: settings}
data:
    mode:   'on'


---

# about the pod
apiVersion: v1
kind: Pod
metadata:
  name: web # the name
spec:
  containers:
  # the only one
  - name: app
    args: ["a", 'b', c]
    command:
    - /bin/sh
    - |
      echo one
      echo two
---
# nothing here
---
last: one
...
# the end
`

describe("encodeKubernetesFile", () => {
  test.each([
    ["of several documents", FILE],
    ["without a document", "# only a comment\n"],
    ["that is empty", ""],
    ["with Windows line ends and a byte order mark", "\ufeffa: 1\r\n---\r\nb: 2\r\n"],
    ["without a last line end", "a: 1\n---\nb: 2"],
    ["with aliases", "a: &a [1]\nb: *a\n---\nc: &c {d: e}\nf: *c\n"],
  ])("gives back the bytes of a file %s", (_name, text) => {
    expect(encodeKubernetesFile(parseKubernetesFile("a.yaml", text))).toBe(text)
  })

  test("rewrites the edited document only, with its comments and order", () => {
    const file = parseKubernetesFile("a.yaml", FILE)

    file.documents[1]?.tree.setIn(["metadata", "labels"], { app: "web" })

    expect(encodeKubernetesFile(file)).toBe(
      FILE.replace("name: web # the name\n", "name: web # the name\n  labels:\n    app: web\n"),
    )
  })

  test("keeps the width and form of the indentation of an edited document", () => {
    const text = "a:\n    b:\n        c: {e: f}\n"
    const file = parseKubernetesFile("a.yaml", text)

    file.documents[0]?.tree.setIn(["a", "z"], "yes")

    expect(encodeKubernetesFile(file)).toBe(`${text}    z: "yes"\n`)
  })

  test("keeps big integers of an edited document", () => {
    const file = parseKubernetesFile("a.yaml", "a: 12345678901234567890\n")

    file.documents[0]?.tree.set("b", 1)

    expect(encodeKubernetesFile(file)).toBe("a: 12345678901234567890\nb: 1\n")
  })

  test("writes out the aliases that an edit touches", () => {
    const file = parseKubernetesFile("a.yaml", "a: &a {x: 1}\nb: *a\nc: {x: 1}\n")

    file.documents[0]?.tree.setIn(["b", "x"], 2)

    expect(encodeKubernetesFile(file)).toBe("a: &a {x: 1}\nb: {x: 2}\nc: {x: 1}\n")
  })

  test("keeps the escapes of characters that readers of YAML do not agree on, and escapes those that were set", () => {
    const file = parseKubernetesFile("a.yaml", 'a: "\\u2028x\\u0085y\\ufeff\\u2029"\nb: 1\n')

    file.documents[0]?.tree.set("c", "\u0085 \u2028: '")
    file.documents[0]?.tree.set("d", ["x\n\ufeff"])

    const text = encodeKubernetesFile(file)
    expect(text).not.toMatch(/[\u0085\u2028\u2029\ufeff]/)
    expect(parseKubernetesFile("a.yaml", text).documents[0]?.tree.toJS()).toEqual({
      ...{ a: "\u2028x\u0085y\ufeff\u2029", b: 1n, c: "\u0085 \u2028: '", d: ["x\n\ufeff"] },
    })
  })

  test("changes nothing the second time", () => {
    const file = parseKubernetesFile("a.yaml", FILE)
    file.documents[1]?.tree.setIn(["metadata", "labels"], { app: "web" })
    const once = encodeKubernetesFile(file)

    const again = parseKubernetesFile("a.yaml", once)
    again.documents[1]?.tree.setIn(["metadata", "labels", "app"], "web")

    expect(encodeKubernetesFile(again)).toBe(once)
  })
})

describe("parseKubernetesFile", () => {
  test.each([
    ["an unclosed list", "a: 1\nb: [1, 2\nc: 3\n", "a.yaml:3:1: "],
    ["a tab as indentation", "a:\n\tb: 1\n", "a.yaml:2:1: "],
    ["a duplicate key", "a: 1\nb:\n  c: 1\n  c: 2\n", 'a.yaml:4:3: duplicate key "c"'],
    ["a duplicate key in another spelling", "1: a\n'1': b\n", 'a.yaml:2:1: duplicate key "1"'],
    ["a duplicate key behind an alias", "a: &a b\n*a : 1\nb: 2\n", 'a.yaml:3:1: duplicate key "b"'],
    ["an unknown tag", "a: !secret b\n", "a.yaml:1:4: unresolved tag: !secret"],
    ["a directive", "%YAML 1.1\n---\na: 1\n", "a.yaml:1:1: directives are not supported"],
    [
      "a directive of a later document",
      "a: 1\n...\n%YAML 1.1\n---\na: 1\n",
      "a.yaml:3:1: directives are not supported",
    ],
    ["an unknown anchor", "a: *b\n", "a.yaml:1:4: unknown anchor b"],
    ["an alias of what contains it", "a: &a [*a]\n", "a.yaml:1:8: an alias stands for what contains it"],
    ["an error of the second document", "a: 1\n---\nb: }\n", "a.yaml:3:4: "],
    ["half of a surrogate pair", 'a: "x"\nb: "x\\ud800y"\n', "a.yaml:2:4: half of a surrogate pair"],
    ["half of a surrogate pair in a key", 'a:\n  "\\udc00": 1\n', "a.yaml:2:3: half of a surrogate pair"],
    ["a line separator in a comment", "a: 1\n# x\u2028b: 2\n", "a.yaml:2:4: readers of YAML do not agree on U+2028"],
    ["a paragraph separator", "a: |\n  x\u2029y\n", "a.yaml:2:4: readers of YAML do not agree on U+2029"],
    ["a next line", 'a: "x\u0085y"\n', "a.yaml:1:6: readers of YAML do not agree on U+0085"],
    ["a mark that starts a line", "a: 1\n\ufeffb: 2\n", "a.yaml:2:1: readers of YAML do not agree on U+FEFF"],
    ["a second mark at the start", "\ufeff\ufeffa: 1\n", "a.yaml:1:2: readers of YAML do not agree on U+FEFF"],
    ["a bare carriage return", "a: 1 # x\rb: 2\n", "a.yaml:1:9: readers of YAML do not agree on U+000D"],
  ])("names file, line and column of %s", (_name, text, start) => {
    const message = messageOf(() => parseKubernetesFile("a.yaml", text))

    expect(message?.slice(0, start.length)).toBe(start)
    expect(codeOf(() => parseKubernetesFile("a.yaml", text))).toBe("YAML")
  })

  test("names all errors at once", () => {
    const text = "a: 1\na: 2\n---\nb: *c\n---\nd: !e f\n"

    expect(messageOf(() => parseKubernetesFile("a.yaml", text))?.split("\n")).toHaveLength(3)
  })

  test.each([
    ["101 documents", "a: 1\n---\n".repeat(101), "documents"],
    ["more than 10 MiB", "#".repeat(FILE_LIMITS.characters + 1), "characters"],
    ["65 levels", `${"[".repeat(65)}${"]".repeat(65)}`, "levels"],
    ["65 levels of keys", "? ".repeat(65), "levels"],
    ["20000 levels", "[".repeat(20_000), "levels"],
    ["1001 aliases", `a: &a 1\nb: [${"*a,".repeat(1001)}]`, "aliases"],
    ["aliases of aliases", billionLaughs(), "aliases"],
  ])("refuses %s", (_name, text, word) => {
    expect(messageOf(() => parseKubernetesFile("a.yaml", text))).toContain(word)
    expect(codeOf(() => parseKubernetesFile("a.yaml", text))).toBe("YAML")
  })

  test.each([
    ["100 documents", "---\na: 1\n".repeat(100)],
    ["64 levels", `${"[".repeat(64)}${"]".repeat(64)}`],
    ["1000 aliases", `a: &a 1\nb: [${"*a,".repeat(1000)}]`],
    ["a surrogate pair as JSON has it", '{"a": "\\ud83d\\ude00"}'],
    ["a byte order mark", "\ufeffa: 1\r\n"],
  ])("takes %s", (_name, text) => {
    expect(codeOf(() => parseKubernetesFile("a.yaml", text))).toBeUndefined()
  })

  test("takes a map of many keys in a time that grows with them", () => {
    const text = Array.from({ length: 10_000 }, (_, index) => `key${index}: 1\n`).join("")

    expect(parseKubernetesFile("a.yaml", text).documents).toHaveLength(1)
  })

  test("answers any text with a file that keeps its bytes, or a refusal of its own", () => {
    fc.assert(
      fc.property(yamlLikeText(), (text) => {
        expect(bytesOrRefusal(text)).toEqual(text)
      }),
      { numRuns: FUZZ_RUNS },
    )
  })
})

function billionLaughs(): string {
  const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
  for (let level = 1; level < 10; level++) {
    lines.push(`a${level}: &a${level} [${`*a${level - 1},`.repeat(10)}]`)
  }
  return lines.join("\n")
}

function yamlLikeText(): fc.Arbitrary<string> {
  const pieces = [
    ...["\n", "\n", "\n  ", "\n    ", "\n- ", "- ", ": ", ":", "? ", "a", "b: ", "'", '"', "|", ">", "|-\n", "+", "#"],
    ...[" #c", "---", "\n---\n", "\n...\n", "%", "[", "]", "{", "}", ",", "&a ", "*a", "!!str ", "!x ", "\t", "\r\n"],
    ...["0644", "yes", "1e3", "~", "\u0000", "\ufeff", "kind: Pod", "runtimeClassName: contrast-cc", "é", "\\", "<<: "],
  ]
  return fc.oneof(
    fc.string({ unit: fc.constantFrom(...pieces), maxLength: 60 }),
    fc.string({ unit: "binary", maxLength: 60 }),
    fc
      .tuple(fc.nat(FILE.length), fc.constantFrom(...pieces))
      .map(([at, piece]) => FILE.slice(0, at) + piece + FILE.slice(at)),
  )
}

/** The bytes that come back; a refusal counts as the same bytes, anything else as itself. */
function bytesOrRefusal(text: string): unknown {
  try {
    const file = parseKubernetesFile("a.yaml", text)
    findWorkloads([file])
    return encodeKubernetesFile(file)
  } catch (error) {
    return error instanceof PolicyError ? text : error
  }
}
