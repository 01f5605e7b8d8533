/** A virtual machine without hardware support: Debian's kernel, the guest image, and raw disks that outlive it. */
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { createConnection, type Socket } from "node:net"
import { tmpdir } from "node:os"
import path from "node:path"
import { createInterface } from "node:readline"
import { setTimeout as delay } from "node:timers/promises"
import { execa } from "execa"
import type { Disk } from "./disk.ts"
import type { Parts } from "./parts.ts"

type Qemu = ReturnType<typeof startQemu>

const MEMORY_MIB = 1024
const BOOT_LIMIT_MS = 10 * 60_000
const CONNECT_RETRY_MS = 100

/** The host as the guest sees it. */
export const HOST_ADDRESS = "10.0.2.2"

export interface GuestResult {
  /** `null` when a signal ended it. */
  readonly exitCode: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
}

/** How everything ends that runs when the power goes. */
const POWERED_OFF: GuestResult = { exitCode: null, signal: null, stdout: "", stderr: "the machine is off" }

export interface GuestProcess {
  readonly result: Promise<GuestResult>
  kill(signal: NodeJS.Signals): void
}

export interface GuestOptions {
  readonly environment?: Readonly<Record<string, string>>
  readonly input?: string
}

/** A running machine. */
export class Machine {
  readonly #folder: string
  readonly #qemu: Qemu
  readonly #socket: Socket
  readonly #waiting = new Map<number, (result: GuestResult) => void>()
  #nextId = 0

  private constructor(folder: string, qemu: Qemu, socket: Socket) {
    this.#folder = folder
    this.#qemu = qemu
    this.#socket = socket
    socket.on("error", () => undefined) // a machine that dies closes it, which is told below
    socket.on("close", () => {
      for (const id of this.#waiting.keys()) this.#settle(id, POWERED_OFF)
    })
    createInterface({ input: socket })
      .on("error", () => undefined)
      .on("line", (line) => {
        const { id, ...result } = JSON.parse(line) as GuestResult & { readonly id: number } // written by the guest's agent
        this.#settle(id, result)
      })
  }

  /** Boots a machine; the disks become /dev/vda, /dev/vdb and so on. */
  static async boot(parts: Parts, disks: readonly Disk[]): Promise<Machine> {
    const folder = await mkdtemp(path.join(tmpdir(), "machine-"))
    const port = path.join(folder, "port")
    const qemu = startQemu(parts, qemuArguments(parts, port, disks))
    const limit = setTimeout(() => qemu.kill("SIGKILL"), BOOT_LIMIT_MS)
    try {
      const socket = await Promise.race([connect(port), died(qemu)])
      const machine = new Machine(folder, qemu, socket)
      await Promise.race([machine.run(["true"]), died(qemu)])
      return machine
    } finally {
      clearTimeout(limit)
    }
  }

  /** Starts a command in the guest. */
  start(command: readonly string[], { environment = {}, input = "" }: GuestOptions = {}): GuestProcess {
    const id = this.#nextId++
    const result = new Promise<GuestResult>((resolve) => this.#waiting.set(id, resolve))
    this.#send({ id, command, environment, input })
    return {
      result,
      kill: (signal) => {
        this.#send({ id, kill: signal })
      },
    }
  }

  /** Runs a command in the guest to its end. */
  async run(command: readonly string[], options?: GuestOptions): Promise<GuestResult> {
    return this.start(command, options).result
  }

  /** Runs a shell script in the guest that has to succeed, and returns what it printed. */
  async script(text: string): Promise<string> {
    const { exitCode, stdout, stderr } = await this.run(["/bin/busybox", "sh", "-euc", text])
    if (exitCode !== 0) throw new Error(`the guest's script failed with exit code ${String(exitCode)}: ${stderr}`)
    return stdout
  }

  /** Pulls the plug: whatever has not reached the disk is lost. */
  async powerOff(): Promise<void> {
    this.#socket.destroy()
    this.#qemu.kill("SIGKILL")
    await this.#qemu
    await rm(this.#folder, { recursive: true, force: true })
  }

  #settle(id: number, result: GuestResult): void {
    this.#waiting.get(id)?.(result)
    this.#waiting.delete(id)
  }

  #send(request: object): void {
    this.#socket.write(`${JSON.stringify(request)}\n`)
  }
}

function startQemu({ qemu, qemuEnvironment }: Parts, args: readonly string[]) {
  return execa(qemu, args, { env: qemuEnvironment, reject: false, all: true, stdin: "ignore" })
}

function qemuArguments(parts: Parts, port: string, disks: readonly Disk[]): readonly string[] {
  return [
    ...parts.qemuArguments,
    ...["-nodefaults", "-no-reboot", "-display", "none", "-serial", "stdio"],
    // Hardware acceleration is not asked for: where it half exists, guests hang.
    ...["-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", `${MEMORY_MIB}M`],
    ...["-kernel", parts.kernel, "-initrd", parts.image, "-append", "console=ttyS0 quiet panic=-1"],
    ...["-device", "virtio-serial", "-chardev", `socket,id=port,path=${port},server=on,wait=off`],
    ...["-device", "virtserialport,chardev=port", "-device", "virtio-rng-pci", "-nic", "user,model=virtio-net-pci"],
    ...disks.flatMap((disk) => ["-drive", `if=virtio,cache=writeback,${driveOf(disk)}`]),
  ]
}

function driveOf({ file, writeLog }: Disk): string {
  if (writeLog === undefined) return `file=${file},format=raw`
  return `driver=blklogwrites,file.driver=file,file.filename=${file},log.driver=file,log.filename=${writeLog}`
}

async function died(qemu: Qemu): Promise<never> {
  const { all } = await qemu
  throw new Error(`the machine did not come up:\n${all}`)
}

async function connect(port: string): Promise<Socket> {
  for (let waitedMs = 0; waitedMs < BOOT_LIMIT_MS; waitedMs += CONNECT_RETRY_MS) {
    const socket = createConnection(port)
    const connected = await once(socket, "connect").then(
      () => true,
      () => false,
    )
    if (connected) return socket
    await delay(CONNECT_RETRY_MS)
  }
  throw new Error("the machine opened no port")
}
