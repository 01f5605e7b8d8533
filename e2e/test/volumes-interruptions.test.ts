import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals"
import { HEADER_BYTES } from "../volumes/forged-header.ts"
import { giveSecret, mountArguments, mounted, stopped } from "../volumes/initializer.ts"
import { intercept, killAt, startUntil } from "../volumes/interception.ts"
import { Lab } from "../volumes/lab.ts"
import { describeWithMachine } from "../volumes/suite.ts"

const VOLUME = { args: mountArguments("/dev/vda") }
const SECRET = "5e".repeat(64)
const BLOCK_BYTES = 4096
const HEADER_COPY_BYTES = 16 * 1024

describeWithMachine("making a volume", (parts) => {
  let lab: Lab

  const prepare = async () => {
    await giveSecret(lab.machine, SECRET)
    await intercept(lab.machine, ["cryptsetup", "mkfs.ext4", "mount", "dmsetup"])
  }

  const expectUsable = async (log: string) => {
    const sidecar = await mounted(lab.machine, VOLUME)
    await lab.machine.script("echo ours > /state/file; sync; test $(ls /state | wc -l) = 2")
    const ending = await stopped(sidecar)
    expect(ending.exitCode).toBe(0)
    expect(ending.log).toContain(log)
  }

  const failPowerAt = async (point: string) => {
    await startUntil(lab.machine, { start: VOLUME, point, action: "hold" })
    await lab.powerOff()
    await lab.boot()
    await prepare()
  }

  beforeAll(async () => {
    lab = await Lab.open(parts, [128])
    await prepare()
  })

  afterAll(() => lab.close())

  beforeEach(() => lab.disk(0).clear())

  // Each start goes on from where the one before it was killed, and gets one step further.
  test("goes on at the next start when the Initializer is killed between any two steps", async () => {
    expect(await killAt(lab.machine, VOLUME, "before cryptsetup luksFormat")).toContain("device is empty")
    for (const point of [
      "after cryptsetup luksFormat",
      "after cryptsetup luksOpen",
      "before dmsetup remove",
      "after dmsetup remove",
      "after mkfs.ext4 -b",
      "before mkfs.ext4 -q",
      "after mkfs.ext4 -q",
    ]) {
      const said = await killAt(lab.machine, VOLUME, point)
      expect(said.includes("starting over")).toBe(!point.includes("dmsetup")) // what is left open is removed before
    }
    expect(await killAt(lab.machine, VOLUME, "before mount --types")).toContain("starting over")
    expect(await killAt(lab.machine, VOLUME, "after mount --types")).toContain("volume opened")

    await expectUsable("already mounted")
  })

  test.each([
    ["inside cryptsetup luksFormat", 0.1],
    ["inside cryptsetup luksFormat", 1],
    ["inside cryptsetup luksOpen", 0.3],
    ["inside mkfs.ext4 -q", 0.1],
  ])("goes on at the next start when the Initializer is killed %s, after %d s", async (point, killAfterSeconds) => {
    await killAt(lab.machine, VOLUME, point, { killAfterSeconds })

    await expectUsable("starting over")
  })

  test("removes what cryptsetup leaves open when it is killed at work", async () => {
    await killAt(lab.machine, VOLUME, "before cryptsetup luksFormat")
    await lab.machine.script("echo '0 100 linear /dev/vda 0' | dmsetup create temporary-cryptsetup-77")

    await expectUsable("starting over")

    expect(await lab.machine.script("dmsetup ls")).toContain("No devices found")
  })

  test("goes on at the next start when the power fails, before and after the header is written", async () => {
    await failPowerAt("after mkfs.ext4 -q")
    await failPowerAt("before mount --types")

    await expectUsable("volume opened")
  })

  test("starts over from every state that the last writes can be interrupted in", async () => {
    await killAt(lab.machine, VOLUME, "before mount --types")
    const header = await lab.disk(0).read(0, HEADER_BYTES)
    await lab.disk(0).clear()
    await killAt(lab.machine, VOLUME, "before cryptsetup luksFormat")
    const mark = await lab.disk(0).read(0, BLOCK_BYTES)

    for (const written of [2 * HEADER_COPY_BYTES, HEADER_COPY_BYTES, BLOCK_BYTES]) {
      await lab.disk(0).clear()
      await lab.disk(0).write(written, header.subarray(written))
      await lab.disk(0).write(0, mark)

      expect(await killAt(lab.machine, VOLUME, "before cryptsetup luksFormat")).toContain("starting over")
    }
  })
})
