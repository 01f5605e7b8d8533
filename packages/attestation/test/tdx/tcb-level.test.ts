import { INTEL_PLATFORM } from "@contrast/test-authority"
import { describe, expect, test } from "@jest/globals"
import { assessTcb } from "../../src/tdx/tcb-assessment.ts"
import { parseTdReport } from "../../src/tdx/td-report.ts"
import type { TcbInfo } from "../../src/tdx/tcb-info.ts"
import { findPlatformLevel, isModuleUpdated } from "../../src/tdx/tcb-level.ts"
import type { TcbRating, TcbStatus } from "../../src/tdx/tcb-status.ts"

const rated = (status: TcbStatus): TcbRating => ({ status, tcbDate: "2026-01-14", advisories: [] })
const level = (tdx: readonly number[]) => ({ ...rated("UpToDate"), sgx: INTEL_PLATFORM.components, pceSvn: 11, tdx })
const svns = (...first: readonly number[]): Uint8Array =>
  Uint8Array.from([...first, ...Array<number>(16).fill(0)].slice(0, 16))

test("an enclave is judged by what a platform needs without a TD", () => {
  const own = { components: INTEL_PLATFORM.components, pceSvn: 11, teeTcbSvn: undefined }
  const levels = [level([...svns(9)])]

  expect(findPlatformLevel(levels, own)).toBe(levels[0])
  expect(findPlatformLevel(levels, { ...own, teeTcbSvn: svns(8) })).toBeUndefined()
  expect(findPlatformLevel(levels, { ...own, pceSvn: 10 })).toBeUndefined()
})

describe("the module that runs now", () => {
  const identity = { mrSigner: "", attributes: "", attributesMask: "" }
  const version = (id: string, ...isvSvns: readonly number[]) => ({
    ...{ ...identity, id },
    levels: isvSvns.map((isvSvn) => ({ ...rated("UpToDate"), isvSvn })),
  })
  const info: TcbInfo = {
    ...{ id: "TDX", issueDate: new Date(0), nextUpdate: new Date(0), evaluationNumber: 1, fmspc: "", pceId: "" },
    module: undefined,
    moduleVersions: [version("tdx_01", 5, 3), version("tdx_02"), version("tdx_1f", 1)],
    levels: [level([0, 0, 3]), level([0, 0, 9])],
  }

  test.each([
    ["the newest of its version, on the newest platform", svns(5, 1, 3), true],
    ["newer than what is known", svns(6, 1, 4), true],
    ["of a version of two digits", svns(1, 0x1f, 3), true],
    ["older", svns(4, 1, 3), false],
    ["the newest, on an older platform", svns(5, 1, 2), false],
    ["of a version that is not known", svns(5, 3, 3), false],
    ["of a version without levels", svns(5, 2, 3), false],
    ["not stated", undefined, false],
  ])("is updated or not if it is %s", (_what, teeTcbSvn2, isUpdated) => {
    expect(isModuleUpdated(info, teeTcbSvn2)).toBe(isUpdated)
  })

  test("is the only reason or not, if no level of the platform is known", () => {
    expect(isModuleUpdated({ ...info, levels: [] }, svns(5, 1, 0))).toBe(true)
  })
})

test.each<[TcbStatus, TcbStatus | undefined, TcbStatus, boolean]>([
  ["UpToDate", "OutOfDate", "UpToDate", true],
  ["ConfigurationNeeded", "OutOfDate", "UpToDate", true],
  ["UpToDate", "UpToDate", "UpToDate", false],
  ["UpToDate", undefined, "OutOfDate", false],
  ["OutOfDate", "OutOfDate", "UpToDate", false],
  ["UpToDate", "OutOfDate", "OutOfDate", false],
  ["UpToDate", "Revoked", "UpToDate", false],
  ["UpToDate", "OutOfDate", "ConfigurationNeeded", false],
])(
  "of platform %s, module %s and quoting enclave %s, the module alone is out of date: %s",
  (platform, module, qe, expected) => {
    const parts = { platform: rated(platform), module: module && rated(module), qe: rated(qe) }

    expect(assessTcb(parts).onlyModuleOutOfDate).toBe(expected)
  },
)

test("a TD of TDX 1.0 says nothing of what came with 1.5", () => {
  expect(parseTdReport(new Uint8Array(584))).toMatchObject({ teeTcbSvn2: undefined, mrServiceTd: undefined })
  expect(parseTdReport(new Uint8Array(648))).toMatchObject({
    teeTcbSvn2: new Uint8Array(16),
    mrServiceTd: new Uint8Array(48),
  })
})
