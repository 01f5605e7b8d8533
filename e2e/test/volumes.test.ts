import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { Disk } from "../volumes/disk.ts"
import { ended, giveSecret, mountArguments, mounted, stopped } from "../volumes/initializer.ts"
import { Machine } from "../volumes/machine.ts"
import { provideParts } from "../volumes/parts.ts"

const LIMIT_MS = 10 * 60_000
const SECRET = "5e".repeat(64)
const CANARY = "plain text that must never reach the disk"
const VOLUME = { args: mountArguments("/dev/vda") }

const parts = await provideParts()
const suite = typeof parts === "string" ? describe.skip : describe

suite(`encrypted volumes in a virtual machine${typeof parts === "string" ? ` (skipped: ${parts})` : ""}`, () => {
  let folder: string
  let disk: Disk
  let machine: Machine

  const boot = async () => {
    if (typeof parts === "string") throw new Error(parts)
    machine = await Machine.boot(parts, [disk.file])
    await giveSecret(machine, SECRET)
  }

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "volumes-"))
    disk = await Disk.create(path.join(folder, "disk.img"), 256)
    await boot()
  }, LIMIT_MS)

  afterAll(async () => {
    await machine.powerOff()
    await rm(folder, { recursive: true })
  }, LIMIT_MS)

  test(
    "makes a volume on an empty device, mounts it, and takes it off again when stopped",
    async () => {
      const sidecar = await mounted(machine, VOLUME)
      await machine.script(`echo '${CANARY}' > /state/canary; sync`)

      const ending = await stopped(sidecar)

      expect(ending.exitCode).toBe(0)
      expect(await machine.script("dmsetup ls; ls -A /state /dev/shm/contrast-cryptsetup")).not.toContain("canary")
      expect(await machine.script("dmsetup ls")).toContain("No devices found")
    },
    LIMIT_MS,
  )

  test(
    "finds the same data after a start of its own, and after another one that was killed",
    async () => {
      const first = await mounted(machine, VOLUME)
      expect(await machine.script("cat /state/canary")).toBe(`${CANARY}\n`)
      first.kill("SIGKILL")
      await first.result

      const second = await mounted(machine, VOLUME)
      expect(await machine.script("cat /state/canary; grep -c ' /state ' /proc/mounts")).toBe(`${CANARY}\n1\n`)

      const ending = await stopped(second)
      expect(ending.log).toContain("already mounted by an earlier start")
      expect(ending.exitCode).toBe(0)
    },
    LIMIT_MS,
  )

  test(
    "finds what was synced before the power failed",
    async () => {
      await mounted(machine, VOLUME)
      await machine.script(
        "dd if=/dev/urandom of=/state/data bs=1M count=8 2>/dev/null; sync; sha256sum /state/data > /state/sum; sync",
      )

      await machine.powerOff()
      await boot()

      const sidecar = await mounted(machine, VOLUME)
      expect(await machine.script("sha256sum -c /state/sum; cat /state/canary")).toBe(`/state/data: OK\n${CANARY}\n`)
      await stopped(sidecar)
    },
    LIMIT_MS,
  )

  test(
    "never lets plain text reach the disk",
    async () => {
      expect((await disk.readAll()).includes(CANARY)).toBe(false)
    },
    LIMIT_MS,
  )

  test(
    "refuses a volume of another workload secret with an error that says exactly that",
    async () => {
      await giveSecret(machine, "a7".repeat(64))

      const ending = await ended(machine, VOLUME)
      await giveSecret(machine, SECRET)

      expect(ending).toMatchObject({ exitCode: 1, code: "VOLUME_FOREIGN_SECRET" })
      expect(ending.reason).toContain("keyed by another workload secret")
    },
    LIMIT_MS,
  )
})
