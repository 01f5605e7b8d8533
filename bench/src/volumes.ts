import { giveSecret, Lab, type Machine, type Parts } from "@contrast/e2e"
import { type Figure, milliseconds, percentile, timeMs } from "./figure.ts"

const DISK_MEBIBYTES = 512
const DATA_MEBIBYTES = 64
const START_GOAL = 1.1
/** Equal throughput, within what two runs of the same command differ by. */
const THROUGHPUT_GOAL = 0.95

const KEY = "/contrast/secrets/workload-secret-seed"
const NODE = "node /tmp/empty.mjs"

/** The programs that the Initializer runs for an empty device, in its order. */
const FIRST_BY_HAND = `
  truncate -s 16M /dev/shm/header
  cryptsetup luksFormat --type luks2 --cipher aes-xts-plain64 --pbkdf argon2id --pbkdf-memory 10240 --integrity hmac-sha256 \
    --integrity-no-wipe --sector-size 4096 --batch-mode --key-file ${KEY} --header /dev/shm/header --offset 32768 /dev/vda
  cryptsetup luksOpen --header /dev/shm/header --key-file ${KEY} /dev/vda by-hand
  for block in 0 $(mkfs.ext4 -b 4096 -F -n /dev/mapper/by-hand | sed -n '/stored on blocks/,$ s/[^0-9 ]//gp'); do
    dd if=/dev/zero of=/dev/mapper/by-hand bs=4096 seek=$block count=1 conv=notrunc 2>/dev/null
  done
  mkfs.ext4 -q -b 4096 /dev/mapper/by-hand
  sync
  dd if=/dev/shm/header of=/dev/vda bs=4096 count=102 conv=notrunc,fsync 2>/dev/null
  mount -t ext4 /dev/mapper/by-hand /state
`
const LATER_BY_HAND = `
  rm -f /dev/shm/header
  cryptsetup luksHeaderBackup --header-backup-file /dev/shm/header /dev/vda
  cryptsetup luksOpen --header /dev/shm/header --key-file ${KEY} /dev/vda by-hand
  mount -t ext4 /dev/mapper/by-hand /state
`
const CLOSE_BY_HAND = "umount /state; cryptsetup close by-hand"

// Nobody ever writes to the pipe: to wait for it takes no program, which would compete for the machine's processors.
const PREPARE = "mkdir -p /run/cryptsetup; touch /tmp/empty.mjs; mkfifo /tmp/silence"
const START = `
  rm -f /done
  node /initializer/bin/contrast-initializer.js cryptsetup -d /dev/vda -m /state </dev/null >/tmp/log 2>&1 &
  echo $! > /tmp/pid
  until test -f /done; do kill -0 $! || { cat /tmp/log >&2; exit 1; }; read -t 0.05 line <>/tmp/silence || true; done
`
const STOP = "kill $(cat /tmp/pid); while test -d /proc/$(cat /tmp/pid); do usleep 20000; done"

/** A new file system goes on being made in the background. */
const SETTLE = "while pidof ext4lazyinit >/dev/null; do sleep 1; done; sync"
const WRITE = `dd if=/dev/zero of=/state/data bs=1M count=${DATA_MEBIBYTES} conv=fsync 2>/dev/null`
const DROP_CACHES = "echo 3 > /proc/sys/vm/drop_caches"
const READ = "cat /state/data > /dev/null"

interface Side {
  readonly name: string
  readonly first: string
  readonly later: string
  readonly end: string
}

const BY_HAND: Side = { name: "by hand", first: FIRST_BY_HAND, later: LATER_BY_HAND, end: CLOSE_BY_HAND }
const INITIALIZER: Side = { name: "Initializer", first: START, later: START, end: STOP }

/** Time to a mounted volume and throughput on it, beside the same programs run by hand, turn by turn in one boot. */
export async function measureVolumes(parts: Parts, rounds: number): Promise<readonly Figure[]> {
  const lab = await Lab.open(parts, [DISK_MEBIBYTES])
  try {
    await giveSecret(lab.machine, "5e".repeat(64))
    await lab.machine.script(PREPARE)
    const samples = new Samples(lab.machine)
    for (let round = 0; round < rounds; round += 1) {
      // Whoever comes second finds warmer caches, in the machine and outside.
      await measureRound(lab, samples, round % 2 === 0 ? [BY_HAND, INITIALIZER] : [INITIALIZER, BY_HAND])
    }
    return figuresOf(samples)
  } finally {
    await lab.close()
  }
}

async function measureRound(lab: Lab, samples: Samples, sides: readonly Side[]): Promise<void> {
  for (const side of sides) {
    await lab.disk(0).clear()
    await samples.take("node", NODE)
    await samples.take(`first, ${side.name}`, side.first)
    await measureThroughput(lab.machine, samples, side)
    await lab.machine.script(side.end)
  }
  // What a key slot costs is chosen when it is made, so both open the same one.
  for (const side of [...sides, ...sides.toReversed()]) {
    await samples.take("node", NODE)
    await samples.take(`later, ${side.name}`, side.later)
    await lab.machine.script(side.end)
  }
}

async function measureThroughput(machine: Machine, samples: Samples, { name }: Side): Promise<void> {
  await machine.script(SETTLE)
  await samples.take(`write, ${name}`, WRITE)
  await machine.script(DROP_CACHES)
  await samples.take(`read, ${name}`, READ)
}

/** How long scripts took in the machine, by name. */
class Samples {
  readonly #machine: Machine
  readonly #taken = new Map<string, number[]>()

  constructor(machine: Machine) {
    this.#machine = machine
  }

  async take(name: string, script: string): Promise<void> {
    const ms = await timeMs(() => this.#machine.script(script))
    this.#taken.set(name, [...(this.#taken.get(name) ?? []), ms])
  }

  median(name: string): number {
    return percentile(this.#taken.get(name) ?? [], 0.5)
  }
}

function figuresOf(samples: Samples): readonly Figure[] {
  return [
    { name: "volume: empty Node script in the machine", value: milliseconds(samples.median("node")) },
    ...startFigures(samples, "first"),
    ...startFigures(samples, "later"),
    ...throughputFigures(samples, "write"),
    ...throughputFigures(samples, "read"),
  ]
}

function startFigures(samples: Samples, start: "first" | "later"): readonly Figure[] {
  const byHandMs = samples.median(`${start}, by hand`)
  const initializerMs = samples.median(`${start}, Initializer`)
  const ratio = (initializerMs - samples.median("node")) / byHandMs
  return [
    { name: `volume: ${start} start, by hand`, value: milliseconds(byHandMs) },
    { name: `volume: ${start} start, Initializer`, value: milliseconds(initializerMs) },
    {
      name: `volume: ${start} start, ratio without Node's start`,
      value: ratio.toFixed(2),
      goal: { text: `≤ ${START_GOAL}`, isMet: ratio <= START_GOAL },
    },
  ]
}

function throughputFigures(samples: Samples, way: "write" | "read"): readonly Figure[] {
  const rate = ({ name }: Side) => (DATA_MEBIBYTES * 1000) / samples.median(`${way}, ${name}`)
  const [byHand, initializer] = [rate(BY_HAND), rate(INITIALIZER)]
  return [
    { name: `volume: ${way}, plain LUKS2 by hand`, value: `${byHand.toFixed(1)} MiB/s` },
    {
      name: `volume: ${way}, Initializer`,
      value: `${initializer.toFixed(1)} MiB/s`,
      goal: { text: `≥ ${THROUGHPUT_GOAL} of by hand`, isMet: initializer >= THROUGHPUT_GOAL * byHand },
    },
  ]
}
