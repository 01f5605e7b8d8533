import { mkdtemp, readdir, readFile, readlink, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import { execa } from "execa"
import { summarize } from "../src/demo/summary.ts"
import { findMissing } from "../src/external-tool.ts"
import { repository } from "../src/program.ts"
import { story } from "../src/story/story.ts"

const STEPS = story.flatMap(({ steps }) => steps)

describe("the demo", () => {
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "contrast-demo-"))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test("tells every step, sums up, and leaves neither a process nor its workspace behind", async () => {
    const child = execa(process.execPath, ["e2e/src/demo/main.ts"], {
      cwd: repository,
      env: { TMPDIR: folder, NO_COLOR: "1" },
      reject: false,
      all: true,
    })
    let mostProcesses = 0
    child.all.on("data", () => void processesIn(folder).then((found) => (mostProcesses = Math.max(mostProcesses, found.length)))) // prettier-ignore
    const { all, exitCode } = await child

    expect({ all, exitCode }).toMatchObject({ exitCode: 0 })
    for (const { title } of STEPS) expect(unwrapped(all)).toContain(title.slice(1))
    const skipped = STEPS.filter(({ needs }) => findMissing(needs) !== undefined).length
    const steps = skipped === 0 ? `${STEPS.length} steps` : `${STEPS.length - skipped} of ${STEPS.length} steps`
    expect(unwrapped(all)).toMatch(new RegExp(`Summary ${steps} in [0-9.]+ s, all as they should be\\.`))
    expect(all.match(/^ +– skipped: /gm) ?? []).toHaveLength(skipped)
    expect(mostProcesses).toBeGreaterThan(0)
    expect(await processesIn(folder)).toEqual([])
    expect(await readdir(folder)).toEqual([])
  }, 240_000)

  test("counts what it left out", () => {
    expect(summarize({ played: 16, skipped: 0, seconds: 9 })).toMatch(
      /^16 steps in 9\.0 s, all as they should be\. The/,
    )
    expect(summarize({ played: 15, skipped: 1, seconds: 9 })).toMatch(
      /^15 of 16 steps in 9\.0 s, all as they should be\. 1 skipped, as said above\. The/,
    )
  })
})

/** Processes, other than the demo itself, that run in a folder or were told of it. */
async function processesIn(folder: string): Promise<readonly string[]> {
  const numbers = (await readdir("/proc")).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(
    numbers.map(async (number) => {
      const cwd = await readlink(`/proc/${number}/cwd`).catch(() => "")
      const command = await readFile(`/proc/${number}/cmdline`, "utf8").catch(() => "")
      return cwd.startsWith(folder) || command.includes(folder) ? [command] : []
    }),
  )
  return found.flat()
}

function unwrapped(text: string): string {
  return text.replace(/\s+/g, " ")
}
