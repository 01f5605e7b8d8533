import { readFile } from "node:fs/promises"
import path from "node:path"
import { expect, test } from "@jest/globals"
import type { Verdict } from "../src/verdict.ts"
import { judge as judgeSnp } from "./snp/played.ts"
import { judge as judgeTdx } from "./tdx/test-intel.ts"

test.each([
  ["snp", (): Verdict => judgeSnp()],
  ["tdx", (): Verdict => judgeTdx().verdict],
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
