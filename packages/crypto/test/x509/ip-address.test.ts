import { describe, expect, test } from "@jest/globals"
import { isIPv4, isIPv6 } from "node:net"
import fc from "fast-check"
import { encodeHex, findIpAddress } from "../../src/index.ts"
import { encodeIpAddress } from "../../src/x509/ip-address.ts"
import { codeOf } from "../support/code-of.ts"
import { FUZZ_RUNS } from "../support/fuzz.ts"

describe("findIpAddress", () => {
  test.each([
    ["10.1.2.3", "10.1.2.3", "0a010203"],
    ["0.0.0.0", "0.0.0.0", "00000000"],
    ["255.249.199.99", "255.249.199.99", "fff9c763"],
    ["::", "::", "00000000000000000000000000000000"],
    ["::1", "::1", "00000000000000000000000000000001"],
    ["fd00::1", "fd00::1", "fd000000000000000000000000000001"],
    ["FD00:0:0:0::1", "fd00::1", "fd000000000000000000000000000001"],
    ["1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8", "00010002000300040005000600070008"],
    ["1::", "1::", "00010000000000000000000000000000"],
    ["::102:304", "::102:304", "00000000000000000000000001020304"],
    ["::ffff:10.0.0.1", "10.0.0.1", "0a000001"],
    ["::ffff:a00:1", "10.0.0.1", "0a000001"],
    ["::FFFF:0:0", "0.0.0.0", "00000000"],
    ["::ffff:a00:1ff", "10.0.1.255", "0a0001ff"],
    ["::ffff:1:2:3", "::ffff:1:2:3", "0000000000000000ffff000100020003"],
    ["1::ffff:a00:1", "1::ffff:a00:1", "00010000000000000000ffff0a000001"],
  ])("reads %s as %s", (text, canonical, hex) => {
    expect(findIpAddress(text)).toBe(canonical)
    expect(encodeHex(encodeIpAddress(text))).toBe(hex)
  })

  test.each([
    ...[
      "",
      " ",
      "web",
      "10.0.0",
      "10.0.0.1.2",
      "010.0.0.1",
      "10.0.0.256",
      "300.0.0.1",
      "10.0.0.1 ",
      "\n10.0.0.1",
      "10.0.0.1\n",
    ],
    ...[
      "a10.0.0.1",
      "10.0.0.1a",
      "1:2",
      "1:2:3:4:5:6:7:8:9",
      "::1::",
      "::g",
      "[::1]",
      "::1/64",
      "fe80::1%eth0",
      "::1\t",
      "\t::1",
      "\n::1",
      " ::1",
    ],
    ...["::ffff:010.0.0.1", "::ffff:10.0.0", "12345::", "::1]:80/[", "::1@", "1.2.3.4:5"],
  ])("finds none in %j", (text) => {
    expect(findIpAddress(text)).toBe(undefined)
    expect(codeOf(() => encodeIpAddress(text))).toBe("SUBJECT_ALT_NAME")
  })

  test("agrees with Node on what an address is", () => {
    const texts = fc.oneof(
      fc.ipV4(),
      fc.ipV4Extended(),
      fc.ipV6(),
      fc.string({ unit: fc.constantFrom(..."0129af:.%[] ".split("")), maxLength: 20 }),
    )

    fc.assert(
      fc.property(texts, (text) => {
        const isAddress = (isIPv4(text) || isIPv6(text)) && !text.includes("%")

        expect(findIpAddress(text) !== undefined).toBe(isAddress)
      }),
      { numRuns: FUZZ_RUNS },
    )
  })

  test("gives a text that it reads as itself", () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const canonical = findIpAddress(text) ?? ""

        expect(findIpAddress(canonical)).toBe(canonical)
        expect(encodeIpAddress(canonical)).toEqual(encodeIpAddress(text))
      }),
      { numRuns: FUZZ_RUNS },
    )
  })
})
