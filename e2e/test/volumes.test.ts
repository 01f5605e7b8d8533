import { afterAll, beforeAll, expect, test } from "@jest/globals"
import { ended, giveSecret, memoryKills, mountArguments, mounted, stopped } from "../volumes/initializer.ts"
import { intercept, release, startUntil } from "../volumes/interception.ts"
import { Lab } from "../volumes/lab.ts"
import { describeWithMachine } from "../volumes/suite.ts"

const SECRET = "5e".repeat(64)
const CANARY = "plain text that must never reach the disk"
const VOLUME = { args: mountArguments("/dev/vda") }
/** Whatever the way in which the mount point is written. */
const WITH_SLASH = { args: mountArguments("/dev/vda", "/state/") }

/** Takes the volume off its mount point and uses its mapping for a while. */
const HOLD_MAPPING = "umount /state; sleep 3 < /dev/mapper/$(dmsetup ls | grep -v _dif | cut -f 1)"
/** Prints what happens in the root folder, from when it says so. */
const WATCH_ROOT = 'fs.watch("/", (_event, name) => console.log(name)); fs.writeFileSync("/tmp/watching", "")'

describeWithMachine("an encrypted volume in a real kernel", (parts) => {
  let lab: Lab

  beforeAll(async () => {
    lab = await Lab.open(parts, [256, 128])
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

  test("is in use for as long as anybody says so, and then ends with an error and stays mounted", async () => {
    const sidecar = await mounted(lab.machine, VOLUME)
    const holder = lab.machine.start(["/bin/busybox", "sh", "-c", "cd /state && sleep 1000"])

    const refused = await stopped(sidecar)
    holder.kill("SIGKILL")
    await holder.result
    const ending = await stopped(await mounted(lab.machine, VOLUME))

    expect(refused).toMatchObject({ exitCode: 1, code: "VOLUME_BUSY" })
    expect(ending).toMatchObject({ exitCode: 0 })
    expect(ending.log).toContain("already mounted by an earlier start")
  })

  test("is closed when its mapping is free, even if it was unmounted by somebody else before", async () => {
    const sidecar = await mounted(lab.machine, VOLUME)
    const holder = lab.machine.start(["/bin/busybox", "sh", "-c", HOLD_MAPPING])
    await lab.machine.script("while grep -q ' /state ' /proc/mounts; do usleep 50000; done")

    const ending = await stopped(sidecar)
    await holder.result

    expect(ending).toMatchObject({ exitCode: 0 })
    expect(await lab.machine.script("dmsetup ls")).toContain("No devices found")
  })

  test("is found again by a start after a kill however its mount point is written", async () => {
    const killed = await mounted(lab.machine, WITH_SLASH)
    killed.kill("SIGKILL")
    await killed.result

    const ending = await stopped(await mounted(lab.machine, WITH_SLASH))

    expect(ending.exitCode).toBe(0)
    expect(ending.log).toContain("already mounted by an earlier start")
  })

  test("is said to be done only while it is mounted and nobody has asked for its end", async () => {
    const sidecar = await mounted(lab.machine, VOLUME)
    const holder = lab.machine.start(["/bin/busybox", "sh", "-c", "cd /state && sleep 3"])
    const ending = stopped(sidecar)
    await lab.machine.script("while test -f /done; do usleep 50000; done; grep ' /state ' /proc/mounts")

    await holder.result
    expect(await ending).toMatchObject({ exitCode: 0 })
  })

  test("is never said to be done if the end was asked for while it was being mounted", async () => {
    const watcher = lab.machine.start(["node", "-e", WATCH_ROOT])
    await lab.machine.script("until test -f /tmp/watching; do usleep 50000; done; touch /noticed; rm /noticed")
    await intercept(lab.machine, ["mount"])
    const sidecar = await startUntil(lab.machine, {
      start: VOLUME,
      point: "after mount --types",
      action: "terminate",
    })

    const { exitCode, stderr } = await sidecar.result
    watcher.kill("SIGTERM")
    const seen = (await watcher.result).stdout
    await release(lab.machine)

    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0, stderr: expect.stringContaining("unmounted and closed") })
    expect(seen).toContain("noticed")
    expect(seen).not.toContain("done")
  })

  test("is not called damaged when the kernel has another reason not to mount it", async () => {
    await lab.machine.script("cat /proc/sys/fs/mount-max > /tmp/mount-max; echo 1 > /proc/sys/fs/mount-max")

    const ending = await ended(lab.machine, VOLUME)
    await lab.machine.script("cat /tmp/mount-max > /proc/sys/fs/mount-max")

    expect(ending).toMatchObject({ exitCode: 1, code: "MOUNT_FAILED" })
    expect(ending.reason).toContain("No space left on device")
    expect(await lab.machine.script("dmsetup ls")).toContain("No devices found")
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

  test("never shows its plain text or its keys on the disk", async () => {
    const volumeKey = await lab.machine.script(`
      cryptsetup luksDump --dump-volume-key --volume-key-file=/dev/shm/key --batch-mode \\
        --key-file=/contrast/secrets/workload-secret-seed /dev/vda >/dev/null
      xxd -p /dev/shm/key | tr -d '\\n'
      rm /dev/shm/key`)
    const secrets = [SECRET, volumeKey].flatMap((hex) => [Buffer.from(hex), Buffer.from(hex, "hex")])
    const disk = await lab.disk(0).readAll()
    const found = (content: Buffer) => [Buffer.from(CANARY), ...secrets].filter((bytes) => content.includes(bytes))

    expect(volumeKey).toMatch(/^[0-9a-f]{192}$/)
    expect(found(disk)).toStrictEqual([])
    expect(found(Buffer.concat([disk, Buffer.from(CANARY), ...secrets]))).toHaveLength(1 + secrets.length)
  })

  test("never shows its key in the arguments or the environment of a program", async () => {
    await lab.machine.script("dd if=/dev/zero of=/dev/vdb bs=1M count=1 2>/dev/null; sync")
    await intercept(lab.machine, ["cryptsetup", "dmsetup", "mkfs.ext4", "mount", "umount"])

    const fresh = { args: mountArguments("/dev/vdb") }
    for (const start of [fresh, fresh]) await stopped(await mounted(lab.machine, start))
    const starts = await lab.machine.script("cat /tmp/starts")
    await release(lab.machine)

    for (const seen of ["luksFormat", "luksOpen", "mkfs.ext4", "umount", "PATH=/"]) expect(starts).toContain(seen)
    expect(starts).not.toContain(SECRET)
    expect(starts).not.toContain(Buffer.from(SECRET, "hex").toString())
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

  test("was made and opened in the memory that generate gives the container", async () => {
    expect(await memoryKills(lab.machine)).toBe(0)
  })
})
