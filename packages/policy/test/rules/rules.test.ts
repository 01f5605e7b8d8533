import { describe, expect, test } from "@jest/globals"
import { encodeHex, encodeUtf8, sha256 } from "@contrast/crypto"
import { RULES } from "../../src/rules/rules.ts"
import { KNOWN_PATTERNS } from "../../src/runtime/known-patterns.ts"

/** The endpoints of the agent, and what is said to each before any rule. */
const ENDPOINTS = {
  true: [
    ...["DestroySandboxRequest", "GetOOMEventRequest", "GuestDetailsRequest", "OnlineCPUMemRequest"],
    ...["RemoveStaleVirtiofsShareMountsRequest", "SignalProcessRequest", "StatsContainerRequest"],
    ...["TtyWinResizeRequest", "WaitProcessRequest"],
  ],
  false: [
    ...["AddARPNeighborsRequest", "CopyFileRequest", "CreateContainerRequest", "CreateSandboxRequest"],
    ...["ExecProcessRequest", "RemoveContainerRequest", "StartContainerRequest", "UpdateInterfaceRequest"],
    ...["UpdateRoutesRequest", "ReadStreamRequest", "CloseStdinRequest", "WriteStreamRequest"],
    ...["GetDiagnosticDataRequest", "UpdateEphemeralMountsRequest", "AddSwapRequest", "AddSwapPathRequest"],
    ...["GetIPTablesRequest", "SetIPTablesRequest", "GetMetricsRequest", "ListInterfacesRequest", "ListRoutesRequest"],
    ...["MemAgentMemcgConfig", "MemAgentCompactConfig", "MemHotplugByProbeRequest", "PauseContainerRequest"],
    ...["ResumeContainerRequest", "ReseedRandomDevRequest", "ResizeVolumeRequest", "SetGuestDateTimeRequest"],
    ...["SetPolicyRequest", "StartTracingRequest", "StopTracingRequest", "UpdateContainerRequest"],
    ...["VolumeStatsRequest", "AllowRequestsFailingPolicy"],
  ],
}

describe("the rules", () => {
  test("have a default for every endpoint of the agent", () => {
    const defaults = [...RULES.matchAll(/^default (\w+) := (\w+)$/gm)].map(([, name, value]) => `${name} ${value}`)
    const expected = Object.entries(ENDPOINTS).flatMap(([value, names]) => names.map((name) => `${name} ${value}`))

    expect(expected).toHaveLength(44)
    expect(defaults.sort()).toEqual(expected.sort())
  })

  test("start with the hash of what follows", () => {
    const [first = "", ...rest] = RULES.split("\n\n")

    expect(first).toBe(`# contrast rules ${encodeHex(sha256(encodeUtf8(rest.join("\n\n"))))}`)
  })

  test("ask for every condition by a number of its own", () => {
    const numbers = [...RULES.matchAll(/"([A-Z]\d{1,2})"/g)].map(([, number]) => number)
    const counted = (letter: string, from: number, to: number): readonly string[] =>
      Array.from(
        { length: to - from + 1 },
        (_, index) => letter + String(from + index).padStart(letter === "C" ? 2 : 1, "0"),
      )
    const expected = [
      ...[...counted("C", 1, 8), ...counted("C", 10, 27), ...counted("C", 30, 35), ...counted("S", 1, 6)],
      ...[...counted("X", 1, 9), "F1", "F2", "F4", "F5", ...counted("N", 1, 8), "N10"],
    ]

    expect([...new Set(numbers)].sort()).toEqual([...expected].sort())
  })

  test("stay with patterns that Rust without Unicode tables, RE2 and JavaScript share", () => {
    const patterns = [...RULES.matchAll(/"(?:[^"\\\n]|\\.)*"/g)]
      // Rego's strings have the escapes of JSON.
      .map(([literal]) => JSON.parse(literal) as string)
      .filter((text) => text.startsWith("^"))

    expect(patterns.length).toBeGreaterThan(20)
    for (const pattern of [...patterns, ...Object.values(KNOWN_PATTERNS)]) {
      expect(pattern).not.toMatch(/\\[dwsbpDWSBPAzZ]|\(\?/)
    }
  })

  test("keep lines that every engine reads", () => {
    expect(RULES.split("\n").filter((line) => line.length > 1024)).toEqual([])
  })

  test("use no builtin that the agent lacks", () => {
    expect(RULES).not.toMatch(/\b(net|time|crypto|http|semver|hex|glob|units|uuid|yaml)\.|json\.patch/)
  })
})
