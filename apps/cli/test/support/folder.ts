import { createHash } from "node:crypto"
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { type Finished, type RunOptions, runContrast } from "./program.ts"

/** A temporary folder that the program is run in. */
export class Folder {
  readonly root: string

  private constructor(root: string) {
    this.root = root
  }

  /** @param files - Content by relative path. */
  static async create(files: Readonly<Record<string, string | Uint8Array>> = {}): Promise<Folder> {
    const folder = new Folder(await mkdtemp(path.join(tmpdir(), "contrast-cli-")))
    for (const [name, content] of Object.entries(files)) await folder.write(name, content)
    return folder
  }

  path(name: string): string {
    return path.join(this.root, name)
  }

  async write(name: string, content: string | Uint8Array): Promise<void> {
    await mkdir(path.dirname(this.path(name)), { recursive: true })
    await writeFile(this.path(name), content, { mode: name.endsWith(".pem") ? 0o600 : 0o644 })
  }

  read(name: string): Promise<string> {
    return readFile(this.path(name), "utf8")
  }

  readBytes(name: string): Promise<Buffer> {
    return readFile(this.path(name))
  }

  /** Removes a file, or a folder with all that is in it. */
  remove(name: string): Promise<void> {
    return rm(this.path(name), { recursive: true })
  }

  async mode(name: string): Promise<number> {
    return (await stat(this.path(name))).mode & 0o777
  }

  async names(): Promise<readonly string[]> {
    const entries = await readdir(this.root, { recursive: true, withFileTypes: true })
    const files = entries.filter((entry) => !entry.isDirectory())
    return files.map((entry) => path.relative(this.root, path.join(entry.parentPath, entry.name))).sort()
  }

  /** Digests of all files by name, to see that nothing changed. */
  async digest(): Promise<Readonly<Record<string, string>>> {
    const digests: Record<string, string> = {}
    for (const name of await this.names()) {
      digests[name] = createHash("sha256")
        .update(await this.readBytes(name))
        .digest("hex")
    }
    return digests
  }

  run(args: readonly string[], options?: RunOptions): Promise<Finished> {
    return runContrast(this.root, args, options)
  }

  async close(): Promise<void> {
    await rm(this.root, { recursive: true, force: true })
  }
}
