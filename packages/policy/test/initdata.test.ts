import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "@jest/globals"
import { decodeBase64, decodeUtf8, encodeUtf8 } from "@contrast/crypto"
import fc from "fast-check"
import { decodeAnnotation, encodeInitdata, initdataHash, readInitdata } from "../src/index.ts"
import { codeOf } from "./code-of.ts"
import { FUZZ_RUNS } from "./fuzz.ts"

const VECTORS = process.env["CONTRAST_VECTORS"] ?? join(import.meta.dirname, "../../../../shared/vectors")
const facts = join(VECTORS, "peer/history/facts.json")
const found = existsSync(facts)

const TOML_PIECES = [..."[]{}='\"\\\n\t.#,0a-:T".split(""), "é", "data", "version", "'0.1.0'"]

describe("encodeInitdata", () => {
  test("writes sorted keys, and single quotes unless an escape is needed", () => {
    const data = new Map([
      ["policy.rego", "package agent_policy\n"],
      ["contrast.insecure-debug", "true"],
      ["plain_key-1", 'a "quoted" C:\\path\twith tab'],
      ["it's", "it's"],
      ["", ""],
      ["control", '\u0000\u001f\u007f\b\f\r"\\\n'],
      ["\u{1f600}", "\u{1f600}"],
      ["\ufffd", "\u0085"],
    ])

    expect(decodeUtf8(encodeInitdata({ data }))).toBe(
      [
        "version = '0.1.0'",
        "algorithm = 'sha256'",
        "",
        "[data]",
        "'' = ''",
        "'contrast.insecure-debug' = 'true'",
        'control = "\\u0000\\u001F\\u007F\\b\\f\\r\\"\\\\\\n"',
        '"it\'s" = "it\'s"',
        "plain_key-1 = 'a \"quoted\" C:\\path\twith tab'",
        "'policy.rego' = \"package agent_policy\\n\"",
        "'\ufffd' = '\u0085'",
        "'\u{1f600}' = '\u{1f600}'",
        "",
      ].join("\n"),
    )
  })

  test("is undone by readInitdata", () => {
    const key = fc.string({ unit: "grapheme" }).filter((text) => text.isWellFormed())
    const value = fc.string({ unit: "binary" }).filter((text) => text.isWellFormed())

    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(key, value), { selector: ([name]) => name }), (entries) => {
        const data = new Map(entries)

        expect(readInitdata(encodeInitdata({ data })).data).toEqual(data)
      }),
      { numRuns: FUZZ_RUNS },
    )
  })

  test("refuses text that has no UTF-8 form", () => {
    expect(codeOf(() => encodeInitdata({ data: new Map([["key", "\ud800"]]) }))).toBe("UTF8")
  })
})

describe("readInitdata", () => {
  test("reads other forms of TOML", () => {
    const toml = [
      "# a comment",
      'algorithm = "SHA-256"',
      'data."policy.rego" = """',
      'package agent_policy"""',
      "version='0.1.0'",
    ].join("\r\n")

    expect(readInitdata(encodeUtf8(toml)).data).toEqual(new Map([["policy.rego", "package agent_policy"]]))
  })

  test.each([
    ["empty", ""],
    ["no TOML", "version = "],
    ["of another version", "version = '0.2.0'\nalgorithm = 'sha256'\n[data]\n"],
    ["without a version", "algorithm = 'sha256'\n[data]\n"],
    ["of another algorithm", "version = '0.1.0'\nalgorithm = 'sha384'\n[data]\n"],
    ["without an algorithm", "version = '0.1.0'\n[data]\n"],
    ["without data", "version = '0.1.0'\nalgorithm = 'sha256'\n"],
    ["with a list as data", "version = '0.1.0'\nalgorithm = 'sha256'\ndata = []\n"],
    ["with a number in data", "version = '0.1.0'\nalgorithm = 'sha256'\n[data]\na = 1\n"],
    ["with a date in data", "version = '0.1.0'\nalgorithm = 'sha256'\n[data]\na = 2026-01-01\n"],
    ["with a date as data", "version = '0.1.0'\nalgorithm = 'sha256'\ndata = 2026-01-01\n"],
    ["with a duplicate key", "version = '0.1.0'\nalgorithm = 'sha256'\n[data]\na = ''\na = ''\n"],
    ["with an unknown key", "version = '0.1.0'\nalgorithm = 'sha256'\n[data]\n[more]\n"],
    ["larger than 4 MiB", "#".repeat(4 * 1024 * 1024 + 1)],
    ["nested deep", `version = ${"[".repeat(100_000)}`],
  ])("refuses a document that is %s", (_name, toml) => {
    expect(codeOf(() => readInitdata(encodeUtf8(toml)))).toBe("INITDATA")
  })

  test("refuses bytes that are no UTF-8", () => {
    expect(codeOf(() => readInitdata(Uint8Array.of(0xff)))).toBe("INITDATA")
  })

  test("answers any bytes with a document or a refusal of its own", () => {
    const toml = fc.oneof(fc.uint8Array(), fc.string({ unit: fc.constantFrom(...TOML_PIECES) }).map(encodeUtf8))

    fc.assert(
      fc.property(toml, (bytes) => {
        expect(["INITDATA", undefined]).toContain(codeOf(() => readInitdata(bytes)))
      }),
      { numRuns: FUZZ_RUNS },
    )
  })
})

const suite = found ? describe : describe.skip

suite(`initdata of the established implementation${found ? "" : " (skipped: no vectors found)"}`, () => {
  interface Artefact {
    readonly annotation: string
    readonly digest: string
    readonly tomlBase64: string
  }
  // The file is a vector of known shape.
  const { policies } = JSON.parse(found ? readFileSync(facts, "utf8") : "{}") as { policies: Record<string, Artefact> }

  test.each(["coordinator", "db", "web"])("is unpacked, hashed, read and written the same: %s", (name) => {
    const artefact = policies[name]
    const toml = decodeBase64(artefact?.tomlBase64 ?? "")

    expect(decodeAnnotation(artefact?.annotation ?? "")).toEqual(toml)
    expect(initdataHash(toml)).toBe(artefact?.digest)
    expect(encodeInitdata(readInitdata(toml))).toEqual(toml)
  })
})
