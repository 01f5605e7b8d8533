import { expect, test } from "@jest/globals"
import { parseConfig, parseFormatRule, parseLogLevel } from "../src/config.ts"
import { codeOf } from "./support/code-of.ts"

test.each([
  ["coordinator-ready.default", "coordinator-ready.default:7777"],
  ["127.0.0.1", "127.0.0.1:7777"],
  ["127.0.0.1:4000", "127.0.0.1:4000"],
  ["[::1]", "[::1]:7777"],
  ["[::1]:4000", "[::1]:4000"],
])("reads the Coordinator %s as %s", (host, coordinator) => {
  expect(parseConfig({ COORDINATOR_HOST: host }).coordinator).toBe(coordinator)
})

test.each([undefined, "", "a b", "a:", "a:0", "a:65536", "a:b", "::1", "http://a", "a/b"])(
  "refuses the Coordinator %p",
  (host) => {
    expect(codeOf(() => parseConfig({ COORDINATOR_HOST: host }))).toBe("CONFIG")
  },
)

test("mounts no volume and leaves the firewall alone unless told to", () => {
  const config = parseConfig({ COORDINATOR_HOST: "a", CRYPTSETUP_DEVICE: "", CONTRAST_SERVICE_MESH_DISABLED: "" })

  expect(config).toStrictEqual({ coordinator: "a:7777", device: undefined, removeDefaultDeny: false })
})

test("reads the device and the missing mesh", () => {
  const environment = { COORDINATOR_HOST: "a", CRYPTSETUP_DEVICE: "/dev/csi0", CONTRAST_SERVICE_MESH_DISABLED: "true" }

  expect(parseConfig(environment)).toStrictEqual({
    coordinator: "a:7777",
    device: "/dev/csi0",
    removeDefaultDeny: true,
  })
})

test("refuses a device that is no absolute path", () => {
  expect(codeOf(() => parseConfig({ COORDINATOR_HOST: "a", CRYPTSETUP_DEVICE: "csi0" }))).toBe("CONFIG")
})

test("formats an empty device unless told never to, and refuses a misspelt rule", () => {
  expect(parseFormatRule({})).toBe("if-empty")
  expect(parseFormatRule({ CRYPTSETUP_FORMAT: "if-empty" })).toBe("if-empty")
  expect(parseFormatRule({ CRYPTSETUP_FORMAT: "never" })).toBe("never")
  expect(codeOf(() => parseFormatRule({ CRYPTSETUP_FORMAT: "Never" }))).toBe("CONFIG")
})

test("reads the log level in any case and refuses an unknown one", () => {
  expect(parseLogLevel({})).toBe("info")
  expect(parseLogLevel({ CONTRAST_LOG_LEVEL: "DEBUG" })).toBe("debug")
  expect(codeOf(() => parseLogLevel({ CONTRAST_LOG_LEVEL: "loud" }))).toBe("CONFIG")
})
