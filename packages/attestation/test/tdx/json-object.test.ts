import { describe, expect, test } from "@jest/globals"
import { JsonObject } from "../../src/tdx/json-object.ts"

const object = new JsonObject({
  text: "a",
  hex: "00Ff",
  number: 7,
  date: "2026-02-28T23:59:59Z",
  object: { inner: "b" },
  objects: [{ inner: "c" }, {}],
  texts: ["d", "e"],
  mixed: ["d", 1],
  null: null,
})

test("reads each field as what it is", () => {
  expect(object.text("text")).toBe("a")
  expect(object.hex("hex", 2)).toBe("00ff")
  expect(object.integer("number", 7)).toBe(7)
  expect(object.date("date")).toEqual(new Date("2026-02-28T23:59:59Z"))
  expect(object.object("object").text("inner")).toBe("b")
  expect(object.objects("objects").map((each) => each.has("inner"))).toEqual([true, false])
  expect(object.texts("texts")).toEqual(["d", "e"])
  expect(object.texts("absent")).toEqual([])
})

describe("refuses", () => {
  test.each([["text"], [null], [undefined], [[]], [1]])("to read %j as an object", (value) => {
    expect(() => new JsonObject(value)).toThrow(RangeError)
  })

  test.each<[string, () => unknown]>([
    ["a text that is absent", () => object.text("absent")],
    ["a text that is a number", () => object.text("number")],
    ["hex of another length", () => object.hex("hex", 1)],
    ["hex that is none", () => new JsonObject({ hex: "0g" }).hex("hex", 1)],
    ["hex with something before it", () => new JsonObject({ hex: " 0" }).hex("hex", 1)],
    ["hex with something after it", () => new JsonObject({ hex: "0\n" }).hex("hex", 1)],
    ["a number that is a text", () => object.integer("text", 7)],
    ["a number that is too large", () => object.integer("number", 6)],
    ["a number below zero", () => new JsonObject({ number: -1 }).integer("number", 7)],
    ["a fraction", () => new JsonObject({ number: 1.5 }).integer("number", 7)],
    ["a number that is no number", () => new JsonObject({ number: NaN }).integer("number", 7)],
    ["an object that is absent", () => object.object("absent")],
    ["an object that is null", () => object.object("null")],
    ["an object that is a list", () => object.object("objects")],
    ["objects that are one", () => object.objects("object")],
    ["objects that are texts", () => object.objects("texts")],
    ["objects that are absent", () => object.objects("absent")],
    ["texts that are one", () => object.texts("text")],
    ["texts of which one is a number", () => object.texts("mixed")],
  ])("%s", (_what, read) => {
    expect(read).toThrow(RangeError)
  })

  test.each([
    "2026-02-30T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "2026-02-28T24:00:00Z",
    "2026-02-28T00:00:00",
    "2026-02-28T00:00:00+00:00",
    "2026-02-28T00:00:00.000Z",
    " 2026-02-28T00:00:00Z",
    "2026-02-28T00:00:00Z ",
    "20260228T000000Z",
    "",
  ])("the date %j", (date) => {
    expect(() => new JsonObject({ date }).date("date")).toThrow(RangeError)
  })
})
