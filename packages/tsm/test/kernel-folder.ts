import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import type { TsmKernelAnswer } from "@contrast/test-authority"
import { SYSTEM_FILES, type TsmFiles } from "../src/tsm-files.ts"

/** How a folder is to behave. */
export interface KernelFolderOptions {
  readonly provider: "sev_guest" | "tdx_guest"
  /** Makes the evidence when report data were written. */
  readonly answer: (reportData: Uint8Array) => TsmKernelAnswer
}

const REPORT_DATA_BYTES = 64
const READ_ONLY = 0o400
const WRITE_ONLY = 0o200

/**
 * A folder of files that behaves like the kernel's: a directory that is made in it has its attributes at once, a write to
 * one counts the generation up and brings the answer, and removing the directory takes the attributes with it. Whoever
 * uses {@link files} reads and writes those files as the system's, with real descriptors and modes.
 */
export class KernelFolder {
  readonly #root: string
  readonly #options: KernelFolderOptions

  private constructor(root: string, options: KernelFolderOptions) {
    this.#root = root
    this.#options = options
  }

  static async create(options: KernelFolderOptions): Promise<KernelFolder> {
    const folder = new KernelFolder(await mkdtemp(path.join(tmpdir(), "contrast-configfs-")), options)
    await mkdir(folder.directory, { recursive: true })
    return folder
  }

  /** In the place of the kernel's. */
  get directory(): string {
    return path.join(this.#root, "tsm/report")
  }

  close(): Promise<void> {
    return rm(this.#root, { recursive: true })
  }

  readonly files: TsmFiles = {
    ...SYSTEM_FILES,
    makeDirectory: async (entry) => {
      await SYSTEM_FILES.makeDirectory(entry)
      await this.#addAttributes(entry)
    },
    removeDirectory: async (entry) => {
      await stat(entry)
      await rm(entry, { recursive: true })
    },
    write: async (attribute, bytes) => {
      await SYSTEM_FILES.write(attribute, bytes)
      await this.react(attribute)
    },
  }

  /** What the kernel does about a write, whoever wrote. */
  async react(attribute: string): Promise<void> {
    const entry = path.dirname(attribute)
    const generation = Number(await readFile(path.join(entry, "generation"), "utf8"))
    await replace(path.join(entry, "generation"), `${generation + 1}\n`, READ_ONLY)
    if (path.basename(attribute) !== "inblob") return
    const { outblob, auxblob } = this.#options.answer(await readWritten(attribute))
    await replace(path.join(entry, "outblob"), outblob, READ_ONLY)
    if (auxblob !== undefined) await replace(path.join(entry, "auxblob"), auxblob, READ_ONLY)
  }

  async #addAttributes(entry: string): Promise<void> {
    const { provider } = this.#options
    const attributes: Readonly<Record<string, string>> = { provider: `${provider}\n`, generation: "0\n" }
    for (const [name, text] of Object.entries(attributes)) await replace(path.join(entry, name), text, READ_ONLY)
    await replace(path.join(entry, "inblob"), "", WRITE_ONLY)
    if (provider !== "sev_guest") return
    await replace(path.join(entry, "privlevel_floor"), "0\n", READ_ONLY)
    await replace(path.join(entry, "privlevel"), "", WRITE_ONLY)
  }
}

/** Report data: the guest may only write them, the kernel reads them. */
async function readWritten(inblob: string): Promise<Uint8Array> {
  await chmod(inblob, READ_ONLY)
  const reportData = new Uint8Array(await readFile(inblob))
  await chmod(inblob, WRITE_ONLY)
  if (reportData.length !== REPORT_DATA_BYTES) throw Object.assign(new Error("EINVAL"), { code: "EINVAL" })
  return reportData
}

async function replace(file: string, content: string | Uint8Array, mode: number): Promise<void> {
  await rm(file, { force: true })
  await writeFile(file, content, { mode })
}
