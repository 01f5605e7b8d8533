import { expect, test } from "@jest/globals"
import { parseFormat } from "../src/blkid.ts"

test.each([
  ["DEVNAME=/dev/vda\nVERSION=1.0.00\nTYPE=isw_raid_member\nUSAGE=raid\n", "isw_raid_member"],
  ["DEVNAME=/dev/vda\nPTUUID=0e1f\nPTTYPE=gpt\n", "gpt"],
  ["DEVNAME=/dev/vda\nPTTYPE=dos\nTYPE=ext4\n", "ext4"],
  ["DEVNAME=/dev/vda\nSEC_TYPE=msdos\n", undefined],
])("finds the format in %j", (output, format) => {
  expect(parseFormat(output)).toBe(format)
})
