import { afterAll, beforeAll, expect, test } from "@jest/globals"
import { ended, giveSecret, mountArguments, mounted, stopped } from "../volumes/initializer.ts"
import { Lab } from "../volumes/lab.ts"
import { describeWithMachine } from "../volumes/suite.ts"

const SECRET = "5e".repeat(64)
const CANARY = "plain text that must never reach the disk"
const VOLUME = { args: mountArguments("/dev/vda") }

describeWithMachine("an encrypted volume in a real kernel", (parts) => {
  let lab: Lab

  beforeAll(async () => {
    lab = await Lab.open(parts, [256])
    await giveSecret(lab.machine, SECRET)
  })

  afterAll(() => lab.close())

  test("is made on an empty device, mounted, and taken off again when the Initializer is stopped", async () => {
    const sidecar = await mounted(lab.machine, VOLUME)
    await lab.machine.script(`echo '${CANARY}' > /state/canary; sync`)

    const ending = await stopped(sidecar)

    expect(ending.exitCode).toBe(0)
    expect(await lab.machine.script("ls -A /state /dev/shm/contrast-cryptsetup")).not.toContain("canary")
    expect(await lab.machine.script("dmsetup ls")).toContain("No devices found")
  })

  test("holds the same data after another start, and keeps it mounted while the Initializer is killed and back", async () => {
    const first = await mounted(lab.machine, VOLUME)
    expect(await lab.machine.script("cat /state/canary")).toBe(`${CANARY}\n`)
    first.kill("SIGKILL")
    await first.result

    const second = await mounted(lab.machine, VOLUME)
    expect(await lab.machine.script("cat /state/canary; grep -c ' /state ' /proc/mounts")).toBe(`${CANARY}\n1\n`)

    const ending = await stopped(second)
    expect(ending.log).toContain("already mounted by an earlier start")
    expect(ending.exitCode).toBe(0)
  })

  test("waits for those who use it before it is taken off", async () => {
    const sidecar = await mounted(lab.machine, VOLUME)
    const holder = lab.machine.start(["/bin/busybox", "sh", "-c", "cd /state && sleep 3"])

    const ending = await stopped(sidecar)
    await holder.result

    expect(ending.exitCode).toBe(0)
  })

  test("holds what was synced before the power failed, at its former size though the disk has grown", async () => {
    await mounted(lab.machine, VOLUME)
    await lab.machine.script(
      "dd if=/dev/urandom of=/state/data bs=1M count=8 2>/dev/null; sync; sha256sum /state/data > /state/sum; sync",
    )

    await lab.powerOff()
    await lab.disk(0).grow(64)
    await lab.boot()
    await giveSecret(lab.machine, SECRET)

    const sidecar = await mounted(lab.machine, VOLUME)
    expect(await lab.machine.script("sha256sum -c /state/sum; cat /state/canary")).toBe(`/state/data: OK\n${CANARY}\n`)
    await stopped(sidecar)
  })

  test("never shows its plain text on the disk", async () => {
    expect((await lab.disk(0).readAll()).includes(CANARY)).toBe(false)
  })

  test("is refused to another workload secret, with an error that says exactly that", async () => {
    await giveSecret(lab.machine, "a7".repeat(64))

    const ending = await ended(lab.machine, VOLUME)
    await giveSecret(lab.machine, SECRET)

    expect(ending).toMatchObject({ exitCode: 1, code: "VOLUME_FOREIGN_SECRET" })
    expect(ending.reason).toContain("keyed by another workload secret")
  })

  test("survives being filled to the last block", async () => {
    const first = await mounted(lab.machine, VOLUME)
    expect(await lab.machine.script("dd if=/dev/zero of=/state/full bs=1M 2>&1 || true; sync")).toContain(
      "No space left",
    )
    await stopped(first)

    const second = await mounted(lab.machine, VOLUME)
    expect(await lab.machine.script("sha256sum -c /state/sum; rm /state/full")).toContain("OK")
    await stopped(second)
  })

  test("opens with the commands of the established Initializer, its header copied and given apart", async () => {
    const opened = await lab.machine.script(`
      cryptsetup isLuks --verbose /dev/vda
      rm -f /dev/shm/copy
      cryptsetup luksHeaderBackup --header-backup-file=/dev/shm/copy /dev/vda
      cryptsetup luksOpen --header=/dev/shm/copy --key-file=/contrast/secrets/workload-secret-seed /dev/vda by-hand
      mount -t ext4 /dev/mapper/by-hand /state
      cat /state/canary
      umount /state
      cryptsetup close by-hand`)

    expect(opened).toBe(`Command successful.\n${CANARY}\n`)
  })
})
