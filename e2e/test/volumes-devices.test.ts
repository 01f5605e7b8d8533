import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals"
import { randomBytes } from "node:crypto"
import { ended, giveSecret, mountArguments, mounted, stopped } from "../volumes/initializer.ts"
import { Lab } from "../volumes/lab.ts"
import { describeWithMachine } from "../volumes/suite.ts"

const VOLUME = { args: mountArguments("/dev/vda") }
const NEVER = { ...VOLUME, environment: { CRYPTSETUP_FORMAT: "never" } }

const MEBIBYTE = 1024 * 1024

/** The steps of the established Initializer up to its file system. */
const FORMAT_BY_HAND = `
  mkdir -p /run/cryptsetup
  cryptsetup luksFormat --type luks2 --cipher aes-xts-plain64 --pbkdf argon2id --pbkdf-memory 10240 \
    --integrity hmac-sha256 --integrity-no-wipe --sector-size 4096 --batch-mode \
    --key-file /contrast/secrets/workload-secret-seed /dev/vda
`
const MAKE_FILES_BY_HAND = `
  cryptsetup luksOpen --key-file=/contrast/secrets/workload-secret-seed /dev/vda by-hand
  for block in 0 $(mkfs.ext4 -b 4096 -F -n /dev/mapper/by-hand | sed -n '/stored on blocks/,$ s/[^0-9 ]//gp'); do
    dd if=/dev/zero of=/dev/mapper/by-hand bs=4096 seek=$block count=1 oflag=direct conv=notrunc 2>/dev/null
  done
  mkfs.ext4 -q -b 4096 /dev/mapper/by-hand
  mount -t ext4 /dev/mapper/by-hand /state
  echo theirs > /state/file
  umount /state
  cryptsetup close by-hand
`

describeWithMachine("a device that is to hold a volume", (parts) => {
  let lab: Lab

  beforeAll(async () => {
    lab = await Lab.open(parts, [192, 32, 64])
    await giveSecret(lab.machine, "5e".repeat(64))
  })

  afterAll(() => lab.close())

  beforeEach(() => lab.disk(0).clear())

  test.each([
    ["an ext file system", "mkfs.ext4 -q /dev/vda", "DEVICE_NOT_EMPTY", "holds an ext file system"],
    ["swap space", "mkswap /dev/vda >/dev/null", "DEVICE_NOT_EMPTY", "holds swap space"],
    ["a DOS partition table", place("\\125\\252", 510), "DEVICE_NOT_EMPTY", "holds a DOS partition table"],
    ["a GPT partition table", place("EFI PART", 512), "DEVICE_NOT_EMPTY", "holds a GPT partition table"],
    [
      "a GPT partition table whose start was cleared",
      place("EFI PART", 192 * MEBIBYTE - 512),
      "DEVICE_NOT_EMPTY",
      "holds a GPT partition table",
    ],
    [
      "a member of an Intel RAID",
      placeAtEnd("Intel Raid ISM Cfg Sig. 1.0.00", 1024),
      "DEVICE_NOT_EMPTY",
      "isw_raid_member",
    ],
    ["a member of a DDF RAID", placeAtEnd("\\336\\021\\336\\021", 512), "DEVICE_NOT_EMPTY", "ddf_raid_member"],
    ["a member of an LSI RAID", placeAtEnd("\\044XIDE\\044", 512), "DEVICE_NOT_EMPTY", "lsi_mega_raid_member"],
    [
      "a member of a Promise RAID",
      placeAtEnd("Promise Technology, Inc.", 63 * 512),
      "DEVICE_NOT_EMPTY",
      "promise_fasttrack_raid_member",
    ],
    [
      "a member of a HighPoint RAID",
      placeAtEnd("\\363\\026\\170\\132", 11 * 512),
      "DEVICE_NOT_EMPTY",
      "hpt45x_raid_member",
    ],
    ["a DRBD member", placeAtEnd("\\203\\164\\002\\153", 4096 - 60), "DEVICE_NOT_EMPTY", "drbd"],
    [
      "a LUKS volume of the older kind",
      "cryptsetup luksFormat --type luks1 --pbkdf-force-iterations 1000 --batch-mode --key-file /contrast/secrets/workload-secret-seed /dev/vda",
      "VOLUME_HEADER",
      "version: expected 2, got 1",
    ],
    ["bytes of an unknown kind", place("x", MEBIBYTE - 1), "DEVICE_NOT_EMPTY", "holds data of an unknown kind"],
  ])("is refused by name and stays untouched if it holds %s", async (_name, script, code, reason) => {
    await lab.machine.script(`${script}; sync`)
    const before = await lab.disk(0).readAll()

    const ending = await ended(lab.machine, VOLUME)

    expect(ending).toMatchObject({ exitCode: 1, code })
    expect(ending.reason).toContain(reason)
    expect(before.equals(await lab.disk(0).readAll())).toBe(true)
  })

  test("is refused if it is empty and the configuration wants the volume that was there", async () => {
    const ending = await ended(lab.machine, NEVER)

    expect(ending).toMatchObject({ exitCode: 1, code: "DEVICE_EMPTY" })
    expect((await lab.disk(0).readAll()).every((byte) => byte === 0)).toBe(true)
  })

  test.each([
    ["is too small", mountArguments("/dev/vdb"), "DEVICE_TOO_SMALL"],
    ["is absent", mountArguments("/dev/vdz"), "DEVICE_ABSENT"],
    ["is no block device", mountArguments("/init"), "DEVICE_TYPE"],
    ["has no mount point", mountArguments("/dev/vda", "/absent"), "MOUNT_POINT_ABSENT"],
    ["has a mount point that is a file", mountArguments("/dev/vda", "/init"), "MOUNT_POINT_ABSENT"],
    ["has a mount point that is not empty", mountArguments("/dev/vda", "/etc"), "MOUNT_POINT_BUSY"],
  ])("is refused if it %s", async (_name, args, code) => {
    expect(await ended(lab.machine, { args })).toMatchObject({ exitCode: 1, code })
  })

  test("is refused if what is mounted at its mount point is in use, and taken if nothing is in it", async () => {
    await lab.machine.script("mount -t tmpfs files /state; touch /state/file")
    const refused = await ended(lab.machine, VOLUME)
    await lab.machine.script("rm /state/file")

    const sidecar = await mounted(lab.machine, VOLUME)
    await lab.machine.script("grep ' /state ext4' /proc/mounts")
    await stopped(sidecar)
    await lab.machine.script("umount /state")

    expect(refused).toMatchObject({ exitCode: 1, code: "MOUNT_POINT_BUSY" })
  })

  test("may have just the smallest size", async () => {
    const smallest = { args: mountArguments("/dev/vdc") }

    for (const log of ["volume made", "volume opened"]) {
      const sidecar = await mounted(lab.machine, smallest)
      await lab.machine.script("dd if=/dev/zero of=/state/file bs=1M count=16 2>/dev/null; sync")
      expect((await stopped(sidecar)).log).toContain(log)
    }
  })

  test("is called damaged if the file system behind its first block was overwritten", async () => {
    await stopped(await mounted(lab.machine, VOLUME))
    await lab.machine.script(`
      cryptsetup luksOpen --key-file=/contrast/secrets/workload-secret-seed /dev/vda by-hand
      dd if=/dev/urandom of=/dev/mapper/by-hand bs=4096 seek=1 count=64 conv=notrunc,fsync 2>/dev/null
      cryptsetup close by-hand`)

    expect(await ended(lab.machine, VOLUME)).toMatchObject({ exitCode: 1, code: "VOLUME_DAMAGED" })
  })

  test("is refused if somebody else uses it", async () => {
    await lab.machine.script("echo '0 100 linear /dev/vda 0' | dmsetup create theirs")

    const ending = await ended(lab.machine, VOLUME)
    await lab.machine.script("dmsetup remove theirs")

    expect(ending).toMatchObject({ exitCode: 1, code: "DEVICE_BUSY" })
    expect(ending.reason).toContain("in use by theirs")
  })

  test("may hold a volume of the established Initializer, but not one that it left without files", async () => {
    await lab.machine.script(FORMAT_BY_HAND)
    const unfinished = await ended(lab.machine, VOLUME)
    await lab.machine.script(MAKE_FILES_BY_HAND)

    const sidecar = await mounted(lab.machine, NEVER)
    const file = await lab.machine.script("cat /state/file")
    await stopped(sidecar)

    expect(unfinished).toMatchObject({ exitCode: 1, code: "VOLUME_DAMAGED" })
    expect(file).toBe("theirs\n")
  })

  test("is refused if the data of its volume was overwritten, and nothing is made anew", async () => {
    await stopped(await mounted(lab.machine, VOLUME))
    await lab.disk(0).write(17 * MEBIBYTE, randomBytes(24 * MEBIBYTE))
    const header = await lab.disk(0).read(0, 16 * MEBIBYTE)

    const ending = await ended(lab.machine, VOLUME)

    expect(ending).toMatchObject({ exitCode: 1, code: "VOLUME_DAMAGED" })
    expect(header.equals(await lab.disk(0).read(0, 16 * MEBIBYTE))).toBe(true)
  })
})

function placeAtEnd(text: string, bytesBeforeEnd: number): string {
  return place(text, 192 * MEBIBYTE - bytesBeforeEnd)
}

/** A script that writes text, with escapes as of printf, to a place on the device. */
function place(text: string, offset: number): string {
  return `printf '${text}' | dd of=/dev/vda bs=1 seek=${offset} conv=notrunc 2>/dev/null`
}
