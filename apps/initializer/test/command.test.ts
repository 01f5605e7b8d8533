import { expect, test } from "@jest/globals"
import { type Command, parseCommand } from "../src/command.ts"
import { codeOf } from "./support/code-of.ts"

const INITIALIZE: Command = { kind: "initialize", rootDir: "/", insecureHostData: undefined }
const CRYPTSETUP: Command = { kind: "cryptsetup", rootDir: "/", devicePath: "/dev/csi0", mountPoint: "/state" }

test.each<[string, Command]>([
  ["", INITIALIZE],
  ["--root-dir /tmp --insecure-host-data ab", { ...INITIALIZE, rootDir: "/tmp", insecureHostData: "ab" }],
  ["cryptsetup --device-path /dev/csi0 --mount-point /state", CRYPTSETUP],
  ["cryptsetup -d /dev/csi0 -m /state", CRYPTSETUP],
  ["--root-dir /tmp cryptsetup --device-path=/dev/csi0 -m/state", { ...CRYPTSETUP, rootDir: "/tmp" }],
  ["cryptsetup -d /dev/csi0 -m /state/", { ...CRYPTSETUP, mountPoint: "/state/" }],
  ["cryptsetup -d /dev/csi0 -m /state --root-dir /tmp", { ...CRYPTSETUP, rootDir: "/tmp" }],
  ["open-ports", { kind: "open-ports" }],
  ["--version", { kind: "version" }],
  ["-V", { kind: "version" }],
  ["--help", { kind: "help" }],
  ["cryptsetup -h", { kind: "help" }],
])("reads: contrast-initializer %s", (line, command) => {
  expect(parseCommand(words(line))).toStrictEqual(command)
})

test.each([
  "mount",
  "cryptsetup",
  "cryptsetup -d /dev/csi0",
  "cryptsetup -m /state",
  "cryptsetup -d /dev/csi0 -m state",
  "cryptsetup -d dev/csi0 -m /state",
  "cryptsetup cryptsetup -d /dev/csi0 -m /state",
  "cryptsetup -d /dev/csi0 -m",
  "-d /dev/csi0",
  "-m /state",
  "open-ports -m /state",
  "--unknown",
  "--root-dir",
])("refuses: contrast-initializer %s", (line) => {
  expect(codeOf(() => parseCommand(words(line)))).toBe("CONFIG")
})

function words(line: string): readonly string[] {
  return line.split(" ").filter((word) => word !== "")
}
