import { expect, test } from "@jest/globals"
import { toByteString } from "../../src/x509/byte-string.ts"
import { encodeObjectIdentifier, findObjectIdentifier } from "../../src/x509/object-identifier.ts"

const content = (hex: string): string => toByteString(Buffer.from(hex, "hex"))

// X.690 §8.19.5 gives the first; each comes for the first time here, so that nothing is remembered of it.
test.each([
  ["2.999.3", "883703"],
  ["1.2.840.113741.1.13.1", "2a864886f84d010d01"],
  ["1.3.9901.2.1.46", "2bcd2d02012e"],
])("%s is read from its content, and written to it, each time", (oid, hex) => {
  for (let time = 0; time < 2; time += 1) {
    expect(findObjectIdentifier(content(hex))).toBe(oid)
    expect(encodeObjectIdentifier(oid)).toBe(content(hex))
  }
})

test.each([
  ["nothing", ""],
  ["a padded arc", "2b8001"],
  ["an arc that is cut", "2b81"],
  ["an arc of more than 32 bits", "2b9080808000"],
])("%s is none, however often it comes", (_title, hex) => {
  for (let time = 0; time < 2; time += 1) expect(findObjectIdentifier(content(hex))).toBeUndefined()
})

test("thousands of others do not stand in the way of a new one", () => {
  const oids = Array.from({ length: 2000 }, (_, index) => `1.3.9999.${index}`)

  const read = oids.map((oid) => findObjectIdentifier(encodeObjectIdentifier(oid)))

  expect(read).toEqual(oids)
  expect(findObjectIdentifier(content("2bce0f8f50"))).toBe("1.3.9999.2000")
})
