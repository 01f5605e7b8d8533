import { describe, expect, test } from "@jest/globals"
import fc from "fast-check"
import { encodeHex, encodeUtf8 } from "../../src/index.ts"
import { Tag, encodeDer, primitive } from "../../src/x509/der.ts"
import { hoursAfter, parseTime, time, yearsAfter } from "../../src/x509/time.ts"
import { codeOf } from "../support/code-of.ts"
import { FUZZ_RUNS } from "../support/fuzz.ts"

describe("time", () => {
  test.each([
    ["2049-12-31T23:59:59.999Z", Tag.utcTime, "491231235959Z"],
    ["2050-01-01T00:00:00.000Z", Tag.generalizedTime, "20500101000000Z"],
    ["1999-01-02T03:04:05.000Z", Tag.utcTime, "990102030405Z"],
  ])("writes %s in the type and form of its year", (iso, tag, text) => {
    expect(encodeHex(encodeDer(time(new Date(iso))))).toBe(encodeHex(encodeDer(primitive(tag, encodeUtf8(text)))))
  })
})

describe("parseTime", () => {
  test.each([
    [Tag.utcTime, "491231235959Z", "2049-12-31T23:59:59.000Z"],
    [Tag.utcTime, "500101000000Z", "1950-01-01T00:00:00.000Z"],
    [Tag.utcTime, "240229000000Z", "2024-02-29T00:00:00.000Z"],
    [Tag.generalizedTime, "20260101000000Z", "2026-01-01T00:00:00.000Z"],
    [Tag.generalizedTime, "99991231235959Z", "9999-12-31T23:59:59.000Z"],
  ])("reads type %d, %s", (tag, text, iso) => {
    expect(parseTime(primitive(tag, encodeUtf8(text))).toISOString()).toBe(iso)
  })

  test.each([
    ["empty", Tag.utcTime, ""],
    ["without seconds", Tag.utcTime, "2601010000Z"],
    ["without Z", Tag.utcTime, "260101000000"],
    ["with an offset", Tag.utcTime, "260101000000+0100"],
    ["with a fraction", Tag.generalizedTime, "20260101000000.5Z"],
    ["in four digits of a UTCTime", Tag.utcTime, "20260101000000Z"],
    ["in two digits of a GeneralizedTime", Tag.generalizedTime, "260101000000Z"],
    ["with a 13th month", Tag.utcTime, "261301000000Z"],
    ["on the 31st of February", Tag.utcTime, "260231000000Z"],
    ["in the 25th hour", Tag.utcTime, "260101250000Z"],
    ["at second 60", Tag.utcTime, "260101000060Z"],
    ["with text before", Tag.generalizedTime, "x20260101000000Z"],
    ["with text behind", Tag.generalizedTime, "20260101000000Z\n"],
    ["as ISO text", Tag.generalizedTime, "2026-01-01T00:00:00.000Z"],
    ["as ISO text without its century", Tag.utcTime, "26-01-01T00:00:00.000Z"],
    ["of another type", Tag.utf8String, "260101000000Z"],
  ])("refuses a date %s", (_name, tag, text) => {
    expect(codeOf(() => parseTime(primitive(tag, encodeUtf8(text))))).toBe("DER")
  })

  test("refuses no date at all", () => {
    expect(codeOf(() => parseTime(undefined))).toBe("DER")
  })

  test("reads what time wrote, to the second", () => {
    const dates = fc.date({
      min: new Date("1950-01-01T00:00:00Z"),
      max: new Date("9999-12-31T23:59:59Z"),
      noInvalidDate: true,
    })

    fc.assert(
      fc.property(dates, (date) => {
        expect(parseTime(time(date)).getTime()).toBe(Math.floor(date.getTime() / 1000) * 1000)
      }),
      { numRuns: FUZZ_RUNS },
    )
  })
})

describe("spans", () => {
  test("count hours and calendar years", () => {
    const date = new Date("2024-02-29T12:00:00.000Z")

    expect(hoursAfter(date, -2).toISOString()).toBe("2024-02-29T10:00:00.000Z")
    expect(yearsAfter(date, 4).toISOString()).toBe("2028-02-29T12:00:00.000Z")
    expect(yearsAfter(date, 1).toISOString()).toBe("2025-03-01T12:00:00.000Z")
    expect(date.toISOString()).toBe("2024-02-29T12:00:00.000Z")
  })
})
