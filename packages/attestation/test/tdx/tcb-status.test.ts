import { intelSvnLevel, intelTcbLevel, issueQeIdentity, issueTcbInfo, intelModule } from "@contrast/test-authority"
import { describe, expect, test } from "@jest/globals"
import { combineStatus, TCB_STATUSES, type TcbStatus } from "../../src/tdx/tcb-status.ts"
import { judge } from "./test-intel.ts"

const OTHERS = ["UpToDate", "OutOfDate", "Revoked"] as const
type Combined = readonly [first: TcbStatus, ...others: readonly [TcbStatus, TcbStatus, TcbStatus]]

/** What Intel's own library makes of a status and each of the three that other parts have. */
const TABLE: readonly Combined[] = [
  ["UpToDate", "UpToDate", "OutOfDate", "Revoked"],
  ["SWHardeningNeeded", "SWHardeningNeeded", "OutOfDate", "Revoked"],
  ["ConfigurationNeeded", "ConfigurationNeeded", "OutOfDateConfigurationNeeded", "Revoked"],
  ["ConfigurationAndSWHardeningNeeded", "ConfigurationAndSWHardeningNeeded", "OutOfDateConfigurationNeeded", "Revoked"],
  ["OutOfDate", "OutOfDate", "OutOfDate", "Revoked"],
  ["OutOfDateConfigurationNeeded", "OutOfDateConfigurationNeeded", "OutOfDateConfigurationNeeded", "Revoked"],
  ["Revoked", "Revoked", "Revoked", "Revoked"],
]
const cells = TABLE.flatMap(([first, ...row]) => OTHERS.map((other, index) => [first, other, row[index]] as const))

test.each(cells)("%s with %s is %s", (first, other, combined) => {
  expect(combineStatus(first, other)).toBe(combined)
})

test("a part cannot have another status", () => {
  const strange = TCB_STATUSES.filter((status) => !OTHERS.some((other) => other === status))

  expect(strange.map((status) => combineStatus("UpToDate", status))).toEqual(strange.map(() => undefined))
})

describe("a platform", () => {
  test.each(cells)("of status %s with a quoting enclave of status %s is as a whole %s", (first, other, combined) => {
    const { tcb, verdict } = judge({
      collateral: {
        tcbInfo: issueTcbInfo({ content: { tcbLevels: [intelTcbLevel(first)] } }),
        qeIdentity: issueQeIdentity({ content: { tcbLevels: [intelSvnLevel(other, 1)] } }),
      },
    })

    expect(tcb?.status).toBe(combined)
    expect(verdict.accepted).toBe(combined === "UpToDate")
    expect(verdict.tcb?.status).toBe(combined)
  })

  test("names the advisories of all its parts, each once", () => {
    const level = { ...intelTcbLevel("SWHardeningNeeded"), advisoryIDs: ["INTEL-SA-00003", "INTEL-SA-00002"] }
    const module = intelModule("TDX_01", [intelSvnLevel("OutOfDate", 5, ["INTEL-SA-00002"])])
    const { verdict } = judge({
      collateral: {
        tcbInfo: issueTcbInfo({ content: { tcbLevels: [level], tdxModuleIdentities: [module] } }),
        qeIdentity: issueQeIdentity({ content: { tcbLevels: [intelSvnLevel("UpToDate", 1, ["INTEL-SA-00001"])] } }),
      },
    })

    expect(verdict.tcb).toEqual({
      status: "OutOfDate",
      tcbDate: "2026-01-14",
      advisories: ["INTEL-SA-00001", "INTEL-SA-00002", "INTEL-SA-00003"],
    })
  })
})
