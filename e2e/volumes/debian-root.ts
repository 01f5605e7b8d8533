/** Unpacked Debian packages with all that they depend on, fetched as any user and without touching the system. */
import { createHash } from "node:crypto"
import { access, mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises"
import path from "node:path"
import { execa } from "execa"

/**
 * Returns a folder with the packages unpacked as if into an empty root; what is in the cache is not fetched again.
 * apt checks the signatures of what it fetches against the keys of this system.
 */
export async function provideDebianRoot(cache: string, packages: readonly string[]): Promise<string> {
  const digest = createHash("sha256").update(packages.join(" ")).digest("hex").slice(0, 16)
  const root = path.join(cache, `debian-${digest}`)
  if (await exists(root)) return root
  await mkdir(cache, { recursive: true })
  const work = await mkdtemp(path.join(cache, ".fetch-"))
  try {
    await settle(await unpack(work, await download(work, packages)), root)
    return root
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** Moves something to its place in the cache, unless another test run was faster. */
export async function settle(from: string, to: string): Promise<void> {
  await rename(from, to).catch(async (error: unknown) => {
    if (!(await exists(to))) throw error
  })
}

/** Whether a file or folder is there. */
export async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  )
}

/** An empty package database makes apt fetch every dependency; folders of our own let it do so without being root. */
async function download(work: string, packages: readonly string[]): Promise<readonly string[]> {
  const archives = path.join(work, "cache/archives")
  await mkdir(path.join(archives, "partial"), { recursive: true })
  await mkdir(path.join(work, "state/lists/partial"), { recursive: true })
  await writeFile(path.join(work, "state/status"), "")
  const settings = [
    `Dir::State=${work}/state`,
    `Dir::State::status=${work}/state/status`,
    `Dir::Cache=${work}/cache`,
    "Debug::NoLocking=1",
    "APT::Install-Recommends=false",
    `APT::Sandbox::User=${process.env["USER"] ?? "root"}`,
  ].flatMap((setting) => ["-o", setting])
  await execa("apt-get", [...settings, "--quiet", "update"])
  await execa("apt-get", [...settings, "--quiet", "--yes", "--download-only", "install", ...packages])
  return (await readdir(archives)).filter((name) => name.endsWith(".deb")).map((name) => path.join(archives, name))
}

async function unpack(work: string, archives: readonly string[]): Promise<string> {
  const root = path.join(work, "root")
  await mkdir(root)
  for (const archive of archives) await execa("dpkg-deb", ["--extract", archive, root])
  return root
}
