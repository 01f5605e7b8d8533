import { describe, expect, test } from "@jest/globals"
import fc from "fast-check"
import { type Document, isMap } from "yaml"
import { PolicyError, encodeKubernetesFile, parseKubernetesFile } from "../../src/index.ts"
import { FUZZ_RUNS } from "../fuzz.ts"

const POD = `# about
apiVersion:   v1
kind:  Pod   # the kind


metadata: {name: web,  labels: {app: "shop" ,b: 'c'}}
spec:
  containers:
    - name: app
      args: [serve, "--a",
             "b"]
      command:
      - /bin/sh   # a list that is not indented, in one that is

      - >
        folded
        text
      env:
      - {name: A,   value: "x\\u0085"}
  runtimeClassName:   contrast-cc   # class
  nodeSelector: { a: b }


---
kind:   Other
`

describe("lines of an edited document", () => {
  test.each([
    ["as they are", POD],
    ["with Windows line ends", POD.replaceAll("\n", "\r\n")],
    ["after a byte order mark", `\ufeff${POD}`],
    ["with both", `\ufeff${POD.replaceAll("\n", "\r\n")}`],
  ])("keep their bytes, %s", (_name, text) => {
    const end = text.includes("\r") ? "\r\n" : "\n"
    const added = ["        value: b", "      - name: B", "  initContainers:", "    - name: init", "      args:"]

    const written = edit(text, (tree) => {
      tree.setIn(["spec", "runtimeClassName"], "contrast-cc-metal")
      tree.addIn(["spec", "containers", 0, "env"], { name: "B", value: "b" })
      tree.setIn(["spec", "initContainers"], [{ name: "init", args: ["a"] }])
    })

    const expected = text
      .replace("runtimeClassName:   contrast-cc   #", "runtimeClassName: contrast-cc-metal #")
      .replace(`"x\\u0085"}${end}`, `"x\\u0085"}${end}${added[1]}${end}${added[0]}${end}`)
      .replace(`{ a: b }${end}`, `{ a: b }${end}${added.slice(2).join(end)}${end}        - a${end}`)
    expect(written).toBe(expected)
  })

  test("keep their bytes where others are removed", () => {
    expect(edit("a:   1\nb:\n- x   # x\n- y\nm:  1\nc:   [1,\n  2]", (tree) => tree.delete("b"))).toBe(
      "a:   1\nm:  1\nc:   [1,\n  2]",
    )
  })

  test("keep the aliases that the edit does not touch", () => {
    const text = "a: &a {x: 1}\nm:  1\nb: *a\nc: 2\n"

    expect(
      edit(text, (tree) => {
        tree.set("c", 3)
      }),
    ).toBe("a: &a {x: 1}\nm:  1\nb: *a\nc: 3\n")
    expect(
      read(
        edit(text, (tree) => {
          tree.setIn(["a", "x"], 5)
        }),
      ),
    ).toEqual({ a: { x: 5 }, m: 1, b: { x: 1 }, c: 2 })
  })

  test("keep their ends at least, if too many of them are printed in another way", () => {
    const written = edit(`a:\r\n${"- [x,\r\n   y]\r\n".repeat(600)}`, (tree) => {
      tree.set("b", 1)
    })

    expect(written.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/)
    expect(read(written)).toEqual({ a: Array.from({ length: 600 }, () => ["x", "y"]), b: 1 })
  })

  test("with comments of several lines keep Windows line ends", () => {
    const text = "a:   1\r\n# note\r\n  # deeper\r\n"

    expect(
      edit(text, (tree) => {
        tree.addIn([], { key: "b", value: 1 })
      }),
    ).not.toMatch(/\r\r|[^\r]\n|\r[^\n]/)
  })

  test("say what the edited tree says, whatever they look like", () => {
    fc.assert(
      fc.property(yamlLikeText(), fc.constantFrom(...EDITS), (text, change) => {
        const file = parseIfValid(text)
        const tree = file?.documents[0]?.tree
        fc.pre(file !== undefined && tree !== undefined && isMap(tree.contents))
        change(tree)

        const again = parseKubernetesFile("a.yaml", encodeKubernetesFile(file))

        expect(again.documents[0]?.tree.toJS()).toEqual(tree.toJS())
      }),
      { numRuns: FUZZ_RUNS },
    )
  })
})

const EDITS: readonly ((tree: Document) => void)[] = [
  (tree) => {
    tree.set("zz", { x: ["yes", "a: b"] })
  },
  (tree) => {
    tree.set("a", "multiple\nlines\n")
  },
  (tree) => {
    tree.delete("a")
  },
  (tree) => {
    tree.set("b", { a: { x: [{ y: "1" }] } })
  },
]

function yamlLikeText(): fc.Arbitrary<string> {
  const lines = [
    ...[
      "a: 1",
      "a:",
      "  b: 2",
      "   c:  [1,2 , 3]",
      "b:",
      "- x",
      "  - y",
      "- {p:   q}",
      "c: |",
      "   text",
      "",
      "# note",
    ],
    ...["d: &d {e: f}", "e: *d", "f: [a,", "  b]", "g: 'x", "  y'", "    h:   1 # c", "  # deeper", "---", "zz: on"],
  ]
  return fc
    .tuple(fc.array(fc.constantFrom(...lines), { maxLength: 12 }), fc.constantFrom("\n", "\r\n"))
    .map(([chosen, end]) => chosen.map((line) => `${line}${end}`).join(""))
}

function parseIfValid(text: string): ReturnType<typeof parseKubernetesFile> | undefined {
  try {
    return parseKubernetesFile("a.yaml", text)
  } catch (error) {
    if (error instanceof PolicyError) return undefined
    throw error
  }
}

function edit(text: string, change: (tree: Document) => unknown): string {
  const file = parseKubernetesFile("a.yaml", text)
  const [document] = file.documents
  if (document === undefined) throw new RangeError("expected a document")
  change(document.tree)
  return encodeKubernetesFile(file)
}

/** The value of the first document, with numbers as JSON has them. */
function read(text: string): unknown {
  const value: unknown = parseKubernetesFile("a.yaml", text).documents[0]?.tree.toJS()
  return JSON.parse(JSON.stringify(value, (_key, item: unknown) => (typeof item === "bigint" ? Number(item) : item)))
}
