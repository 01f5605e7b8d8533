import { afterAll, beforeAll, expect, test } from "@jest/globals"
import { createHash } from "node:crypto"
import { giveSecret, mountArguments, mounted, stopped } from "../volumes/initializer.ts"
import { intercept, killAt } from "../volumes/interception.ts"
import { Lab } from "../volumes/lab.ts"
import { describeWithMachine } from "../volumes/suite.ts"
import { readWriteLog, statesAfterPowerFailure } from "../volumes/write-log.ts"

const MADE = { args: mountArguments("/dev/vda") }
const LEFT = { args: mountArguments("/dev/vdb") }
const HEADER_AREA_BYTES = 16 * 1024 * 1024
const LUKS = Buffer.from("LUKS\u00ba\u00be", "latin1")

type Left = "empty" | "mark" | "volume"

describeWithMachine("a disk that loses what was not flushed", (parts) => {
  let lab: Lab

  beforeAll(async () => {
    lab = await Lab.open(parts, [128, 128], 0)
    await giveSecret(lab.machine, "5e".repeat(64))
    await intercept(lab.machine, ["cryptsetup", "mount"])
  })

  afterAll(() => lab.close())

  const startsOver = async (left: Left) => {
    const said = await killAt(lab.machine, LEFT, "before cryptsetup luksFormat")
    expect(said).toContain("device is empty; making a volume on it")
    expect(said.includes("starting over")).toBe(left === "mark")
  }

  const opens = async () => {
    const sidecar = await mounted(lab.machine, LEFT)
    await lab.machine.script("test $(ls /state) = lost+found; echo ours > /state/file; sync")
    expect(await stopped(sidecar)).toMatchObject({ exitCode: 0 })
  }

  test("holds no volume yet or a whole one after a power failure at every flush of its making", async () => {
    await killAt(lab.machine, MADE, "before mount --types")
    const epochs = await readWriteLog(lab.disk(0).writeLog ?? "no log")
    const tried = new Set<string>()
    const outcomes: Left[] = []

    for (const writes of statesAfterPowerFailure(epochs)) {
      await lab.disk(1).become(writes)
      const area = await lab.disk(1).read(0, HEADER_AREA_BYTES)
      const left = whatIsLeft(area)
      // What lies behind the header area plays no part as long as there is no header.
      const key = createHash("sha256")
        .update(left === "volume" ? await lab.disk(1).readAll() : area)
        .digest("hex")
      if (tried.has(key)) continue
      tried.add(key)
      outcomes.push(left)
      await (left === "volume" ? opens() : startsOver(left))
    }

    // Mark, key slots, second copy, the rest of the first copy, and the first block in place of the mark.
    expect(outcomes.slice(-5)).toStrictEqual(["mark", "mark", "mark", "mark", "volume"])
  })
})

function whatIsLeft(area: Buffer): Left {
  if (area.subarray(0, LUKS.length).equals(LUKS)) return "volume"
  return area.every((byte) => byte === 0) ? "empty" : "mark"
}
