/** The built Initializer inside a test machine. */
import { setTimeout as delay } from "node:timers/promises"
import type { GuestProcess, GuestResult, Machine } from "./machine.ts"

const POLL_MS = 200

const CGROUP = "/sys/fs/cgroup/initializer"
/** Goes into the group of the container, and becomes the program that follows. */
const CONTAINED = `
mkdir -p ${CGROUP}
echo 192M > ${CGROUP}/memory.max
echo $$ > ${CGROUP}/cgroup.procs
exec "$@"`

/** One start of the Initializer. */
export interface Start {
  readonly args: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
}

/** What a start that ended said at its end. */
export interface Ending {
  readonly exitCode: number | null
  readonly code: unknown
  readonly reason: unknown
  readonly log: string
}

/** Arguments that mount a device at `/state`. */
export function mountArguments(device: string, mountPoint = "/state"): readonly string[] {
  return ["cryptsetup", "--device-path", device, "--mount-point", mountPoint]
}

/** Starts the Initializer and waits until it has mounted its volume. */
export async function mounted(machine: Machine, start: Start): Promise<GuestProcess> {
  await machine.run(["rm", "-f", "/done"])
  return untilMounted(machine, launch(machine, start))
}

/** Waits until a start of the Initializer has mounted its volume. */
export async function untilMounted(machine: Machine, process: GuestProcess): Promise<GuestProcess> {
  let ended: GuestResult | undefined
  void process.result.then((result) => (ended = result))
  while ((await machine.run(["test", "-f", "/done"])).exitCode !== 0) {
    if (ended !== undefined) throw new Error(`the Initializer ended with ${String(ended.exitCode)}:\n${ended.stderr}`)
    await delay(POLL_MS)
  }
  return process
}

/** Starts the Initializer, which has to end by itself. */
export async function ended(machine: Machine, start: Start): Promise<Ending> {
  return readEnding(await launch(machine, start).result)
}

/** Stops a sidecar as Kubernetes does. */
export async function stopped(process: GuestProcess): Promise<Ending> {
  process.kill("SIGTERM")
  return readEnding(await process.result)
}

/** Gives the guest a workload secret: what the file of the Initializer would hold. */
export async function giveSecret(machine: Machine, secret: string): Promise<void> {
  await machine.script(`mkdir -p /contrast/secrets; printf %s ${secret} > /contrast/secrets/workload-secret-seed`)
}

/** Starts the Initializer, in no more memory than `generate` gives its container. */
export function launch(machine: Machine, { args, environment = {} }: Start): GuestProcess {
  const program = ["node", "/initializer/bin/contrast-initializer.js", ...args]
  return machine.start(["/bin/busybox", "sh", "-euc", CONTAINED, "sh", ...program], { environment })
}

/** How often a process of the Initializer was ended for want of memory. */
export async function memoryKills(machine: Machine): Promise<number> {
  return Number(await machine.script(`sed -n 's/^oom_kill //p' ${CGROUP}/memory.events`))
}

function readEnding({ exitCode, stderr }: GuestResult): Ending {
  const last = stderr.trimEnd().split("\n").at(-1) ?? ""
  const { code, reason } = last.startsWith("{") ? (JSON.parse(last) as Partial<Ending>) : {} // a line of the log
  return { exitCode, code, reason, log: stderr }
}
