import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals"
import {
  type Change,
  type Edit,
  forgeMetadata,
  HEADER_BYTES,
  type JsonObject,
  numberIn,
} from "../volumes/forged-header.ts"
import { ended, giveSecret, mountArguments, mounted, stopped } from "../volumes/initializer.ts"
import { Lab } from "../volumes/lab.ts"
import { describeWithMachine } from "../volumes/suite.ts"

const VOLUME = { args: mountArguments("/dev/vda") }
const OTHER_VOLUME = { args: mountArguments("/dev/vdb") }
const THEIR_TOKEN = { type: "luks2-keyring", keyslots: ["0"], key_description: "theirs" }

const toNull: Change = () => "cipher_null-ecb"
const NULL_SEGMENT: Edit = ["segments.0.encryption", toNull]
/** The second slot lies behind the first one. */
const withSecondSlot: Change = (slots) => {
  const slot = slots["0"] as { readonly area: JsonObject } // cryptsetup wrote it
  return { ...slots, "1": { ...slot, area: { ...slot.area, offset: String(32 * 1024 + 385_024) } } }
}
/** Only the last segment may have the size of the device. */
const withSecondSegment: Change = (segments) => ({
  "0": { ...(segments["0"] as JsonObject), size: String(32 * 1024 * 1024) }, // cryptsetup wrote it
  "1": { type: "linear", offset: String(48 * 1024 * 1024), size: "dynamic" },
})

const BLOCK_BYTES = 4096
/** Header area, integrity superblock and journal lie before; from here on the disk holds data and its tags. */
const DATA_OFFSET = 32 * 1024 * 1024
/** Of two versions of a data block hardly a byte is the same; of two versions of a block of tags many are. */
const CHANGED_BYTES = 4000

describeWithMachine("an attacker who owns the disk", (parts) => {
  let lab: Lab
  let header: Buffer

  beforeAll(async () => {
    lab = await Lab.open(parts, [256, 256])
    await giveSecret(lab.machine, "5e".repeat(64))
    const sidecar = await mounted(lab.machine, VOLUME)
    await lab.machine.script("echo ours > /state/file")
    await stopped(sidecar)
    header = await lab.disk(0).read(0, HEADER_BYTES)
  })

  afterAll(() => lab.close())

  afterEach(() => lab.disk(0).write(0, header))

  test.each<[string, readonly Edit[], string]>([
    [
      "a null cipher in the key slot",
      [["keyslots.0.area.encryption", toNull]],
      "$.keyslots.0.area.encryption: expected",
    ],
    ["a null cipher in the segment", [NULL_SEGMENT], "$.segments.0.encryption: expected"],
    [
      "a second key slot",
      [
        ["keyslots", withSecondSlot],
        ["digests.0.keyslots", () => ["0", "1"]],
      ],
      "$.keyslots.1 must not be there",
    ],
    ["a second segment", [["segments", withSecondSegment]], "$.segments.1 must not be there"],
    ["a cheaper key slot", [["keyslots.0.kdf.memory", () => 32]], "$.keyslots.0.kdf.memory: expected"],
    ["a token that names a key", [["tokens", () => ({ "0": THEIR_TOKEN })]], "$.tokens.0 must not be there"],
    ["integrity switched off", [["segments.0.integrity", () => undefined]], "$.segments.0.integrity is missing"],
  ])("cannot slip in %s, which cryptsetup itself would take", async (_name, edits, problem) => {
    await lab.disk(0).write(0, forgeMetadata(header, ...edits))

    const alone = await lab.machine.run(["cryptsetup", "luksDump", "/dev/vda"])
    const ending = await ended(lab.machine, VOLUME)

    expect(alone).toMatchObject({ exitCode: 0 })
    expect(ending).toMatchObject({ exitCode: 1, code: "VOLUME_HEADER" })
    expect(ending.reason).toContain(problem)
  })

  test("only makes the key fail by another cost of the key slot", async () => {
    const passes = numberIn(header, "time")
    await lab.disk(0).write(0, forgeMetadata(header, ["keyslots.0.kdf.time", () => passes + 1]))

    expect(await ended(lab.machine, VOLUME)).toMatchObject({ exitCode: 1, code: "VOLUME_FOREIGN_SECRET" })
  })

  test("cannot swap the header between check and open", async () => {
    const forged = forgeMetadata(header, NULL_SEGMENT)
    await lab.machine.run(["/bin/busybox", "sh", "-c", "base64 -d > /tmp/forged"], {
      input: forged.toString("base64"),
    })
    await lab.machine.script(`
      mkdir -p /usr/local/bin
      cat > /usr/local/bin/cryptsetup <<'END'
#!/bin/busybox sh
[ "$1" != luksOpen ] || dd if=/tmp/forged of=/dev/vda bs=1M conv=notrunc,fsync 2>/dev/null
exec /sbin/cryptsetup "$@"
END
      chmod +x /usr/local/bin/cryptsetup`)

    const sidecar = await mounted(lab.machine, VOLUME)
    const seen = await lab.machine.script("rm /usr/local/bin/cryptsetup; cat /state/file; dmsetup table")
    await stopped(sidecar)

    expect((await lab.disk(0).read(0, HEADER_BYTES)).equals(forged)).toBe(true)
    expect(seen).toMatch(/^ours\n/)
    expect(seen).toContain("authenc(hmac(sha256),xts(aes))")
    expect(seen).not.toContain("cipher_null")
  })

  test("cannot pass off the header of another volume of the same workload", async () => {
    await stopped(await mounted(lab.machine, OTHER_VOLUME))
    await lab.disk(0).write(0, await lab.disk(1).read(0, HEADER_BYTES))

    expect(await ended(lab.machine, VOLUME)).toMatchObject({ exitCode: 1, code: "VOLUME_DAMAGED" })
  })

  test("cannot swap sectors of the data, or put older ones back: reading them fails", async () => {
    const [older, newer, changed] = await writeTwice(lab)
    expect(changed.length).toBeGreaterThan(100)

    // In the middle stands the file; the journals of dm-integrity and ext4 come before it, and nobody reads those again.
    const [first = 0, second = 0] = changed.slice(changed.length / 2)
    await lab.disk(0).write(first, newer.subarray(second, second + BLOCK_BYTES))
    await lab.disk(0).write(second, newer.subarray(first, first + BLOCK_BYTES))
    expect(await readData(lab)).toContain("Input/output error")
    for (const offset of [first, second]) await lab.disk(0).write(offset, newer.subarray(offset, offset + BLOCK_BYTES))
    expect(await readData(lab)).not.toContain("error")

    await lab.disk(0).write(first, older.subarray(first, first + BLOCK_BYTES))
    expect(await readData(lab)).toContain("Input/output error")
    await lab.disk(0).write(first, newer.subarray(first, first + BLOCK_BYTES))
  })
})

/** Two versions of the disk, and the data blocks in which they differ. */
async function writeTwice(lab: Lab): Promise<[Buffer, Buffer, readonly number[]]> {
  const versions: Buffer[] = []
  for (const version of ["a", "b"]) {
    const sidecar = await mounted(lab.machine, VOLUME)
    await lab.machine.script(
      `dd if=/dev/zero bs=1M count=16 2>/dev/null | tr '\\000' ${version} | dd of=/state/data bs=64k conv=notrunc 2>/dev/null; sync`,
    )
    await stopped(sidecar)
    versions.push(await lab.disk(0).readAll())
  }
  const [older = Buffer.alloc(0), newer = Buffer.alloc(0)] = versions
  const changed: number[] = []
  for (let offset = DATA_OFFSET; offset < newer.length; offset += BLOCK_BYTES) {
    if (countChanges(older, newer, offset) > CHANGED_BYTES) changed.push(offset)
  }
  return [older, newer, changed]
}

function countChanges(older: Buffer, newer: Buffer, offset: number): number {
  let changes = 0
  for (let index = offset; index < offset + BLOCK_BYTES; index++) if (older[index] !== newer[index]) changes++
  return changes
}

/** Mounts the volume, reads all its data, and gives what was said about it. */
async function readData(lab: Lab): Promise<string> {
  const sidecar = await mounted(lab.machine, VOLUME)
  const said = await lab.machine.script("cat /state/data 2>&1 >/dev/null || true")
  await stopped(sidecar)
  return said
}
