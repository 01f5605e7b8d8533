import { readFile } from "node:fs/promises"
import path from "node:path"
import { issueAmdCrl } from "@contrast/test-authority"
import { expect, test } from "@jest/globals"
import { verifySnp } from "../src/snp/verify.ts"
import type { Verdict } from "../src/verdict.ts"
import { issueLeaf, NOW, PATH, POLICY, REPORT_DATA, roots, signReport, values } from "./snp/played.ts"
import { judge } from "./tdx/test-intel.ts"

const judgeSnp = (): Verdict => {
  const evidence = { report: signReport(), leaf: issueLeaf(), authorities: [], crl: issueAmdCrl() }
  return verifySnp(evidence, { values, path: PATH, policy: POLICY, reportData: REPORT_DATA, now: NOW, roots }).verdict
}

test.each([
  ["snp", judgeSnp],
  ["tdx", (): Verdict => judge().verdict],
] as const)(
  "a verdict on %s says of each check which field it looked at, and where the manifest decides",
  async (platform, verdict) => {
    const { checks } = verdict()

    const said = checks.map(({ id, subject, manifest = "" }) => `${id} ${subject} ${manifest}`.trimEnd())

    expect(said).toEqual(
      (await readFile(path.join(import.meta.dirname, platform, "checks.txt"), "utf8")).trimEnd().split("\n"),
    )
  },
)
