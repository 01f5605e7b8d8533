import { describe, expect, test } from "@jest/globals"
import fc from "fast-check"
import { encodePem } from "../src/index.ts"
import { encodeUtf8 } from "../src/bytes.ts"
import { describePem, parsePem } from "../src/pem.ts"
import { codeOf, messageOf } from "./support/code-of.ts"
import { FUZZ_RUNS } from "./support/fuzz.ts"

const der = Uint8Array.from({ length: 60 }, (_, index) => index)
const pem = encodePem("THING", der)

describe("encodePem", () => {
  test("breaks lines at 64 characters and ends in a newline", () => {
    expect(pem).toBe(
      [
        "-----BEGIN THING-----",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4v",
        "MDEyMzQ1Njc4OTo7",
        "-----END THING-----",
        "",
      ].join("\n"),
    )
  })

  test("writes no line for nothing", () => {
    expect(encodePem("THING", new Uint8Array(0))).toBe("-----BEGIN THING-----\n-----END THING-----\n")
  })
})

describe("describePem", () => {
  test.each([
    ["text without a block", "hello", "no PEM block"],
    ["one block", pem, 'a "THING" block'],
    ["several blocks", encodePem("FIRST 1", der) + pem, 'a "FIRST 1" block'],
    ["a cut block", "x-----BEGIN A-----", 'a "A" block'],
    ["a label in lower case", "-----BEGIN thing-----", "no PEM block"],
    ["a label of 41 characters", `-----BEGIN ${"A".repeat(41)}-----`, "no PEM block"],
  ])("describes %s", (_name, text, description) => {
    expect(describePem(text)).toBe(description)
  })
})

describe("parsePem", () => {
  test("takes 1 MiB and not a character more", () => {
    expect(parsePem(pem.padEnd(1024 * 1024), "THING")).toEqual([der])
    expect(codeOf(() => parsePem(pem.padEnd(1024 * 1024 + 1), "THING"))).toBe("PEM")
  })

  test("refuses broken base64 in any block", () => {
    expect(codeOf(() => parsePem(pem + pem.replace("Njc4OTo7", "Njc4OTo"), "THING"))).toBe("PEM")
  })

  test("reads every block, text or bytes, with any white space around", () => {
    expect(parsePem(`\n${pem}\n\n${pem}  \n`, "THING")).toEqual([der, der])
    expect(parsePem(encodeUtf8(pem), "THING")).toEqual([der])
  })

  test("reads lines that end as on other systems", () => {
    expect(parsePem(pem.replaceAll("\n", "\r\n"), "THING")).toEqual([der])
  })

  test.each([
    ["nothing", ""],
    ["white space", " \n"],
    ["text around the block", `Subject: CN = x\n${pem}`],
    ["a block without its end", pem.slice(0, -10)],
    ["another end", pem.replace("END THING", "END OTHER")],
    ["another block", encodePem("OTHER", der)],
    ["another block behind the first", pem + encodePem("OTHER", der)],
    ["a header", pem.replace("-----\n", "-----\nProc-Type: 4,ENCRYPTED\n\n")],
    ["broken padding", pem.replace("Njc4OTo7", "Njc4OTo")],
    ["no content", "-----BEGIN THING-----\n-----END THING-----\n"],
    ["over 1 MiB", `${pem}${" ".repeat(1024 * 1024)}`],
    ["bytes that are no text", Uint8Array.of(0xff)],
  ])("refuses %s", (_name, text) => {
    expect(codeOf(() => parsePem(text, "THING"))).toBe("PEM")
  })

  test("says which block came", () => {
    expect(messageOf(() => parsePem(encodePem("PRIVATE KEY", der), "CERTIFICATE"))).toBe(
      'expected a PEM block "CERTIFICATE", got "PRIVATE KEY"',
    )
  })

  test("reads what encodePem wrote", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 500 }), (bytes) => {
        expect(parsePem(encodePem("THING", bytes), "THING")).toEqual([bytes])
      }),
      { numRuns: FUZZ_RUNS },
    )
  })

  test("refuses anything else with a code", () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom("-----BEGIN THING-----", "-----END THING-----", "\n", "AAAA", "=", "-", " "),
        }),
        (text) => {
          expect([undefined, "PEM"]).toContain(codeOf(() => parsePem(text, "THING")))
        },
      ),
      { numRuns: FUZZ_RUNS },
    )
  })
})
