/** A raw disk image, seen from the host: everything here is what an attacker can do. */
import { open, readFile, stat, truncate, writeFile } from "node:fs/promises"

/** A disk of the test machine. */
export class Disk {
  readonly file: string
  /** Where the machine's writes are noted down, in order and with its flushes, if they are. */
  readonly writeLog: string | undefined

  private constructor(file: string, writeLog: string | undefined) {
    this.file = file
    this.writeLog = writeLog
  }

  /** Makes an empty disk, which takes no room until it is written. */
  static async create(file: string, mebibytes: number, isLogged: boolean): Promise<Disk> {
    await writeFile(file, "", { flag: "wx" })
    await truncate(file, mebibytes * 1024 * 1024)
    if (!isLogged) return new Disk(file, undefined)
    const writeLog = `${file}.log`
    await writeFile(writeLog, "", { flag: "wx" })
    return new Disk(file, writeLog)
  }

  async read(offset: number, bytes: number): Promise<Buffer> {
    const handle = await open(this.file, "r")
    try {
      const { buffer } = await handle.read(Buffer.alloc(bytes), 0, bytes, offset)
      return buffer
    } finally {
      await handle.close()
    }
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    const handle = await open(this.file, "r+")
    try {
      await handle.write(bytes, 0, bytes.length, offset)
    } finally {
      await handle.close()
    }
  }

  /** All of it; the disks of these tests fit into memory. */
  async readAll(): Promise<Buffer> {
    return readFile(this.file)
  }

  /** Adds empty space at the end, which a machine sees from its next boot on. */
  async grow(mebibytes: number): Promise<void> {
    const { size } = await stat(this.file)
    await truncate(this.file, size + mebibytes * 1024 * 1024)
  }

  /** Makes the disk as if it were new and these writes had come to it. */
  async become(writes: readonly { readonly offset: number; readonly bytes: Uint8Array }[]): Promise<void> {
    await this.clear()
    for (const { offset, bytes } of writes) await this.write(offset, bytes)
  }

  /** Makes the disk as empty as a new one. */
  async clear(): Promise<void> {
    const { size } = await stat(this.file)
    await truncate(this.file, 0)
    await truncate(this.file, size)
  }
}
