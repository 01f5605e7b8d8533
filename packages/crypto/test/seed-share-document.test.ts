import { describe, expect, test } from "@jest/globals"
import fc from "fast-check"
import { type SeedShareDocument, encodeSeedShareDocument, encodeUtf8, parseSeedShareDocument } from "../src/index.ts"
import { codeOf, messageOf } from "./support/code-of.ts"
import { FUZZ_RUNS } from "./support/fuzz.ts"
import { describeOutside, readOutside } from "./support/vectors.ts"

const salt = new Uint8Array(32).fill(1)
const saltText = Buffer.from(salt).toString("base64")
const document: SeedShareDocument = { seedShares: [{ publicKey: "00Ff", encryptedSeed: Uint8Array.of(1, 2) }], salt }

function parse(json: unknown): SeedShareDocument {
  return parseSeedShareDocument(encodeUtf8(typeof json === "string" ? json : JSON.stringify(json)))
}

describe("encodeSeedShareDocument", () => {
  test("writes two spaces of indent and no newline at the end", () => {
    expect(Buffer.from(encodeSeedShareDocument(document)).toString()).toBe(
      `{\n  "SeedShares": [\n    {\n      "PublicKey": "00Ff",\n      "EncryptedSeed": "AQI="\n    }\n  ],\n  "salt": "${saltText}"\n}`,
    )
  })

  test("leaves an empty list of shares out", () => {
    expect(Buffer.from(encodeSeedShareDocument({ seedShares: [], salt })).toString()).toBe(
      `{\n  "salt": "${saltText}"\n}`,
    )
  })
})

describe("parseSeedShareDocument", () => {
  test("reads keys in any case", () => {
    expect(parse({ SEEDSHARES: [{ publickey: "00Ff", encryptedSeed: "AQI=" }], Salt: saltText })).toEqual(document)
  })

  test("takes absent shares for none", () => {
    expect(parse({ salt: saltText })).toEqual({ seedShares: [], salt })
  })

  const share = { PublicKey: "00", EncryptedSeed: "AQI=" }
  test.each([
    ["nothing", "", "expected JSON"],
    ["a cut file", JSON.stringify({ salt: saltText }).slice(0, -1), "expected JSON"],
    ["something behind the end", `${JSON.stringify({ salt: saltText })}{}`, "expected JSON"],
    ["a key file", "-----BEGIN RSA PRIVATE KEY-----", "expected JSON"],
    ["a list", [], "expected an object at $"],
    ["null", null, "expected an object at $"],
    ["a string", '"text"', "expected an object at $"],
    ["a manifest", { Policies: {}, ReferenceValues: {} }, 'unknown key "policies" at $'],
    ["no salt", {}, "expected base64 at $.salt"],
    ["a salt that is null", { salt: null }, "expected base64 at $.salt"],
    ["a salt that is no base64", { salt: "*" }, "expected base64 at $.salt"],
    ["the same key in two cases", { salt: saltText, Salt: saltText }, "expected every key once at $"],
    ["an unknown key", { salt: saltText, extra: 1 }, 'unknown key "extra" at $'],
    ["a key named like a prototype", `{"salt":"${saltText}","__proto__":{}}`, 'unknown key "__proto__" at $'],
    ["shares that are null", { SeedShares: null, salt: saltText }, "expected a list at $.SeedShares"],
    ["shares that are no list", { SeedShares: {}, salt: saltText }, "expected a list at $.SeedShares"],
    ["a share that is no object", { SeedShares: ["00"], salt: saltText }, "expected an object at $.SeedShares[0]"],
    ["a share that is a list", { SeedShares: [[]], salt: saltText }, "expected an object at $.SeedShares[0]"],
    [
      "an unknown key in a share",
      { SeedShares: [{ ...share, x: 1 }], salt: saltText },
      'unknown key "x" at $.SeedShares[0]',
    ],
    [
      "a share without owner",
      { SeedShares: [share, { EncryptedSeed: "AQI=" }], salt: saltText },
      "expected hex digits at $.SeedShares[1].PublicKey",
    ],
    [
      "an empty owner",
      { SeedShares: [{ ...share, PublicKey: "" }], salt: saltText },
      "expected hex digits at $.SeedShares[0].PublicKey",
    ],
    [
      "an owner that is no hex",
      { SeedShares: [{ ...share, PublicKey: "0g" }], salt: saltText },
      "expected hex digits at $.SeedShares[0].PublicKey",
    ],
    [
      "an owner in odd hex",
      { SeedShares: [{ ...share, PublicKey: "000" }], salt: saltText },
      "expected hex digits at $.SeedShares[0].PublicKey",
    ],
    [
      "hex inside other text",
      { SeedShares: [{ ...share, PublicKey: "x00" }], salt: saltText },
      "expected hex digits at $.SeedShares[0].PublicKey",
    ],
    [
      "an owner that is a number",
      { SeedShares: [{ ...share, PublicKey: 12 }], salt: saltText },
      "expected hex digits at $.SeedShares[0].PublicKey",
    ],
    [
      "a share without seed",
      { SeedShares: [{ PublicKey: "00" }], salt: saltText },
      "expected base64 at $.SeedShares[0].EncryptedSeed",
    ],
    [
      "a seed that is no base64",
      { SeedShares: [{ ...share, EncryptedSeed: "AQI" }], salt: saltText },
      "expected base64 at $.SeedShares[0].EncryptedSeed",
    ],
    ["over 1 MiB", `{"salt":"${saltText}"}${" ".repeat(1024 * 1024)}`, "expected at most 1048576 bytes, got 1048631"],
  ])("refuses %s and says where", (_name, json, message) => {
    expect(codeOf(() => parse(json))).toBe("SHARE_DOCUMENT")
    expect(messageOf(() => parse(json))).toBe(message)
  })

  test("refuses bytes that are no text", () => {
    expect(codeOf(() => parseSeedShareDocument(Uint8Array.of(0xff)))).toBe("SHARE_DOCUMENT")
  })

  test("takes exactly 1 MiB", () => {
    const json = JSON.stringify({ salt: saltText })

    expect(parse(json.padEnd(1024 * 1024))).toEqual({ seedShares: [], salt })
  })

  test.each([0, 31, 33])("refuses a salt of %d bytes", (bytes) => {
    expect(codeOf(() => parse({ salt: Buffer.alloc(bytes).toString("base64") }))).toBe("SALT_SIZE")
  })

  test("never quotes a file given by mistake", () => {
    const secret = "5ec2e75ec2e75ec2e7"
    let error: unknown
    try {
      parse(secret)
    } catch (caught) {
      error = caught
    }

    expect(codeOf(() => parse(secret))).toBe("SHARE_DOCUMENT")
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain("5ec2e7")
  })

  test("round-trips", () => {
    const hexText = fc.uint8Array({ minLength: 1 }).map((bytes) => Buffer.from(bytes).toString("hex"))
    const shares = fc.array(fc.record({ publicKey: hexText, encryptedSeed: fc.uint8Array() }))

    fc.assert(
      fc.property(shares, fc.uint8Array({ minLength: 32, maxLength: 32 }), (seedShares, anySalt) => {
        const bytes = encodeSeedShareDocument({ seedShares, salt: anySalt })

        expect(parseSeedShareDocument(bytes)).toEqual({ seedShares, salt: anySalt })
      }),
      { numRuns: FUZZ_RUNS },
    )
  })

  test("refuses any other JSON with a code", () => {
    const keys = fc.constantFrom("SeedShares", "salt", "PublicKey", "EncryptedSeed", "x")
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { depthSize: "small" },
        fc.constantFrom(null, true, 1, "", "00", saltText),
        fc.array(tie("value")),
        fc.dictionary(keys, tie("value")),
      ),
    }))

    fc.assert(
      fc.property(value, (json) => {
        expect([undefined, "SHARE_DOCUMENT", "SALT_SIZE"]).toContain(codeOf(() => parse(JSON.stringify(json))))
      }),
      { numRuns: FUZZ_RUNS },
    )
  })

  const parseOrRefuse = (bytes: Uint8Array): void => {
    let parsed: SeedShareDocument | undefined
    const code = codeOf(() => (parsed = parseSeedShareDocument(bytes)))

    expect([undefined, "SHARE_DOCUMENT", "SALT_SIZE"]).toContain(code)
    if (parsed !== undefined) expect(parseSeedShareDocument(encodeSeedShareDocument(parsed))).toEqual(parsed)
  }

  test("reads or refuses any bytes with a code", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 512 }), parseOrRefuse), { numRuns: FUZZ_RUNS })
  })

  test("reads or refuses a valid document with anything in place of a part of it", () => {
    const valid = encodeSeedShareDocument({ ...document, seedShares: [...document.seedShares, ...document.seedShares] })
    const cut = fc.nat({ max: valid.length })
    const tampered = fc
      .record({ from: cut, to: cut, put: fc.uint8Array({ maxLength: 4 }) })
      .map(({ from, to, put }) => Buffer.concat([valid.subarray(0, from), put, valid.subarray(to)]))

    fc.assert(fc.property(tampered, parseOrRefuse), { numRuns: FUZZ_RUNS })
  })

  test("refuses a valid document with any byte of its structure flipped", () => {
    const valid = encodeSeedShareDocument({ seedShares: [], salt })
    const structure = [...valid.keys()].filter((index) => /[{}":]/.test(String.fromCharCode(valid[index] ?? 0)))

    for (const index of structure) {
      const flipped = valid.map((byte, at) => (at === index ? byte ^ 1 : byte))
      expect(codeOf(() => parseSeedShareDocument(flipped))).toBe("SHARE_DOCUMENT")
    }
  })
})

describeOutside("seed share documents of the established implementation", () => {
  test.each(["peer/history/set-1/seed-shares.json", "peer/manifest/seed-share-doc-no-owner.json"])(
    "%s round-trips to the same bytes",
    (path) => {
      const bytes = readOutside(path)

      expect(Buffer.from(encodeSeedShareDocument(parseSeedShareDocument(bytes))).equals(bytes)).toBe(true)
    },
  )

  test("one without a salt is refused, for it could recover nothing", () => {
    expect(codeOf(() => parseSeedShareDocument(readOutside("peer/manifest/seed-share-doc-empty.json")))).toBe(
      "SHARE_DOCUMENT",
    )
  })
})
