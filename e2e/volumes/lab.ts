/** A place for tests of volumes: disks in a folder of their own and a machine that has them. */
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { Disk } from "./disk.ts"
import { Machine } from "./machine.ts"
import type { Parts } from "./parts.ts"

export class Lab {
  readonly disks: readonly Disk[]
  readonly #folder: string
  readonly #parts: Parts
  #machine: Machine | undefined

  private constructor(folder: string, parts: Parts, disks: readonly Disk[]) {
    this.#folder = folder
    this.#parts = parts
    this.disks = disks
  }

  /** Makes empty disks of these sizes in MiB, /dev/vda first, and boots a machine with them. The writes to one can be noted down. */
  static async open(parts: Parts, sizes: readonly number[], logged?: number): Promise<Lab> {
    const folder = await mkdtemp(path.join(tmpdir(), "volumes-"))
    const disks = await Promise.all(
      sizes.map((size, index) => Disk.create(path.join(folder, `disk-${index}.img`), size, index === logged)),
    )
    const lab = new Lab(folder, parts, disks)
    await lab.boot()
    return lab
  }

  get machine(): Machine {
    if (this.#machine === undefined) throw new Error("expected a running machine, but its power is off")
    return this.#machine
  }

  disk(index: number): Disk {
    const disk = this.disks[index]
    if (disk === undefined) throw new RangeError(`there is no disk ${index}`)
    return disk
  }

  async boot(): Promise<void> {
    this.#machine = await Machine.boot(this.#parts, this.disks)
  }

  async powerOff(): Promise<void> {
    await this.#machine?.powerOff()
    this.#machine = undefined
  }

  async close(): Promise<void> {
    await this.powerOff()
    await rm(this.#folder, { recursive: true })
  }
}
