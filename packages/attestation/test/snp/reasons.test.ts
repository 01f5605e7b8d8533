import { readFile } from "node:fs/promises"
import path from "node:path"
import { expect, test } from "@jest/globals"
import { issueLeaf, judge, type Change } from "./played.ts"

const byte = (offset: number, value: number): Change => ({
  report: (view) => {
    view.setUint8(offset, value)
  },
})
const RESERVED = 0x04c

/** What the evidence lacks. */
const LACKS: Readonly<Record<string, Change>> = {
  "a key that signs reports": byte(0x048, 7 << 2),
  "a certificate of that key": { leaf: undefined },
  "a line, of an old report without a certificate": { version: 2, leaf: undefined },
  "a line, of an old report whose certificate has no extensions": {
    version: 2,
    leaf: issueLeaf({ changeExtensions: (all) => all.slice(0, 1) }),
  },
  "a known processor": byte(0x189, 0x50),
  "extensions of the certificate": { leaf: issueLeaf({ changeExtensions: (all) => all.slice(0, 1) }) },
  "a revocation list": { crl: undefined },
  "a revocation list that can be read": { crl: Uint8Array.of(0x30, 0) },
  "a signature in range": { raw: (report) => report.fill(0, 0x2a0, 0x2e8) },
  "a reference value": { values: { minimumTcb: {} } },
}

test("what could not be checked names its own reason, and not the first failure of the verdict", async () => {
  const said = Object.entries(LACKS).map(([name, change]) => [`without ${name}`, ...skippedIn(change)].join("\n  "))

  expect(said.join("\n")).toBe((await readFile(path.join(import.meta.dirname, "reasons.txt"), "utf8")).trimEnd())
})

/** What was skipped, by reason, where another check has failed before. */
function skippedIn(change: Change): readonly string[] {
  const report = (view: DataView): void => {
    view.setUint8(RESERVED, 1)
    change.report?.(view)
  }
  const { checks } = judge({ ...change, report })
  expect(checks.find(({ outcome }) => outcome === "fail")?.id).toBe("SNP_REPORT_RESERVED")
  const skipped = checks.filter(({ outcome }) => outcome === "skipped")
  return [...Map.groupBy(skipped, ({ because }) => because)].map(
    ([because, all]) => `${because ?? ""}: ${all.map(({ id }) => id).join(" ")}`,
  )
}
