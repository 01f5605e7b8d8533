/**
 * Figures of encrypted volumes: the Initializer against the same programs called by hand, in one boot of the test machine.
 * Run it with `node e2e/volumes/figures.ts` on a machine that does nothing else.
 */
import { giveSecret } from "./initializer.ts"
import { Lab } from "./lab.ts"
import type { Machine } from "./machine.ts"
import { provideParts } from "./parts.ts"

const ROUNDS = 5
const MEBIBYTES = 512
const KEY = "/contrast/secrets/workload-secret-seed"

const FORMAT = `
  truncate -s 16M /dev/shm/header
  cryptsetup luksFormat --type luks2 --cipher aes-xts-plain64 --pbkdf argon2id --pbkdf-memory 10240 --integrity hmac-sha256 \
    --integrity-no-wipe --sector-size 4096 --batch-mode --key-file ${KEY} --header /dev/shm/header --offset 32768 /dev/vda
  cryptsetup luksOpen --header /dev/shm/header --key-file ${KEY} /dev/vda by-hand
  for block in 0 $(mkfs.ext4 -b 4096 -F -n /dev/mapper/by-hand | sed -n '/stored on blocks/,$ s/[^0-9 ]//gp'); do
    dd if=/dev/zero of=/dev/mapper/by-hand bs=4096 seek=$block count=1 conv=notrunc 2>/dev/null
  done
  mkfs.ext4 -q -b 4096 /dev/mapper/by-hand
  sync
  dd if=/dev/shm/header of=/dev/vda bs=1M conv=notrunc,fsync 2>/dev/null
  mount -t ext4 /dev/mapper/by-hand /state
`
const OPEN = `
  rm -f /dev/shm/header
  cryptsetup luksHeaderBackup --header-backup-file /dev/shm/header /dev/vda
  cryptsetup luksOpen --header /dev/shm/header --key-file ${KEY} /dev/vda by-hand
  mount -t ext4 /dev/mapper/by-hand /state
`
const CLOSE = "umount /state; cryptsetup close by-hand"

const START = `
  rm -f /done
  node /initializer/bin/contrast-initializer.js cryptsetup -d /dev/vda -m /state </dev/null >/dev/null 2>&1 &
  echo $! > /tmp/pid
  until test -f /done; do usleep 10000; done
`
const STOP =
  "kill $(cat /tmp/pid); while grep -q ' /state ' /proc/mounts || test -e /dev/mapper/*_dif; do usleep 10000; done"

const WRITE = "dd if=/dev/zero of=/state/data bs=1M count=128 conv=fsync 2>/dev/null"
const READ = "echo 3 > /proc/sys/vm/drop_caches; cat /state/data > /dev/null"

const parts = await provideParts()
if (typeof parts === "string") throw new Error(parts)
const lab = await Lab.open(parts, [MEBIBYTES])
try {
  await giveSecret(lab.machine, "5e".repeat(64))
  await lab.machine.script("mkdir -p /run/cryptsetup")
  await measure(lab)
} finally {
  await lab.close()
}

async function measure({ machine, disks }: Lab): Promise<void> {
  const seconds = new Map<string, number[]>()
  const time = async (name: string, script: string): Promise<void> => {
    seconds.set(name, [...(seconds.get(name) ?? []), await secondsOf(machine, script)])
  }
  for (let round = 0; round < ROUNDS; round++) {
    await time("node", "node --version")
    await disks[0]?.clear()
    await time("first start, by hand", FORMAT)
    await time("write, by hand", WRITE)
    await time("read, by hand", READ)
    await machine.script(CLOSE)
    await time("later start, by hand", OPEN)
    await machine.script(CLOSE)
    await time("later start, Initializer", START)
    await machine.script(STOP)
    await disks[0]?.clear()
    await time("first start, Initializer", START)
    await time("write, Initializer", WRITE)
    await time("read, Initializer", READ)
    await machine.script(STOP)
  }
  for (const [name, all] of seconds) process.stdout.write(`${name.padEnd(26)} ${median(all).toFixed(2)} s\n`)
}

async function secondsOf(machine: Machine, script: string): Promise<number> {
  const started = performance.now()
  await machine.script(script)
  return (performance.now() - started) / 1000
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
