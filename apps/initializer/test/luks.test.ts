import { expect, test } from "@jest/globals"
import { createHash } from "node:crypto"
import { closeArguments, formatArguments, mappingName, mappingPath, openArguments } from "../src/luks.ts"

test("names the mapping by the first 8 bytes of SHA-256 of device and mount point", () => {
  const expected = createHash("sha256").update("/dev/csi0/state").digest("hex").slice(0, 16)

  expect(mappingName("/dev/csi0", "/state")).toBe(expected)
  expect(mappingPath("0123456789abcdef")).toBe("/dev/mapper/0123456789abcdef")
})

test("formats with the parameters of the established volumes, its header where theirs lies", () => {
  expect(formatArguments("/dev/csi0", "/dev/shm/header")).toStrictEqual([
    "luksFormat",
    "--type=luks2",
    "--cipher=aes-xts-plain64",
    "--pbkdf=argon2id",
    "--pbkdf-memory=10240",
    "--integrity=hmac-sha256",
    "--integrity-no-wipe",
    "--sector-size=4096",
    "--batch-mode",
    "--key-file=-",
    "--header=/dev/shm/header",
    "--offset=32768",
    "/dev/csi0",
  ])
})

test("opens with the checked header only and takes the key from standard input", () => {
  expect(openArguments("/dev/csi0", "/dev/shm/header", "name")).toStrictEqual([
    "luksOpen",
    "--header=/dev/shm/header",
    "--key-file=-",
    "/dev/csi0",
    "name",
  ])
  expect(closeArguments("name")).toStrictEqual(["close", "name"])
})
