/** What the test machine is put together from, fetched once and kept in the repository's cache. */
import { cp, mkdir, mkdtemp, readdir, rename, rm, symlink } from "node:fs/promises"
import path from "node:path"
import { createReadStream, createWriteStream } from "node:fs"
import { pipeline } from "node:stream/promises"
import { execa } from "execa"
import { exists, provideDebianRoot } from "./debian-root.ts"

const repository = path.resolve(import.meta.dirname, "../..")
const cache = path.join(repository, ".cache/volumes")

const HOST_PACKAGES = ["qemu-system-x86"]
const GUEST_PACKAGES = [
  ...["linux-image-cloud-amd64", "busybox-static", "libstdc++6"],
  // What the Initializer's image holds.
  ...["cryptsetup-bin", "dmsetup", "e2fsprogs", "mount", "util-linux", "iptables"],
]

/** Kernel modules that are left out: the machine has no such devices, and every byte is loaded at each boot. */
const UNUSED_MODULES = [
  "sound",
  "fs",
  "drivers/gpu",
  "drivers/hv",
  "drivers/infiniband",
  "drivers/net/ethernet",
  "drivers/nvme",
  "drivers/scsi",
  "drivers/usb",
]

/** All that a machine needs to boot. */
export interface Parts {
  readonly qemu: string
  readonly qemuArguments: readonly string[]
  readonly qemuEnvironment: Readonly<Record<string, string>>
  readonly kernel: string
  /** Initial file system: Debian's programs, Node, the test's agent and the built Initializer. */
  readonly image: string
}

/** Either the parts, or why they cannot be had here. */
export async function provideParts(): Promise<Parts | string> {
  if (process.platform !== "linux" || process.arch !== "x64") return "the test machine needs Linux on x86-64"
  try {
    const host = await provideDebianRoot(cache, HOST_PACKAGES)
    const guest = await provideDebianRoot(cache, GUEST_PACKAGES)
    return { ...qemuIn(host), kernel: await findKernel(guest), image: await buildImage(guest) }
  } catch (error) {
    return `Debian's packages cannot be had here: ${error instanceof Error ? error.message : String(error)}`
  }
}

/** Programs of another Debian release run here with their own loader and libraries. */
function qemuIn(root: string): Pick<Parts, "qemu" | "qemuArguments" | "qemuEnvironment"> {
  const libraries = ["lib", "usr/lib"].map((folder) => path.join(root, folder, "x86_64-linux-gnu"))
  const firmware = ["share/qemu", "share/seabios", "lib/ipxe/qemu"].flatMap((name) => [
    "-L",
    path.join(root, "usr", name),
  ])
  return {
    qemu: path.join(root, "lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"),
    qemuArguments: ["--library-path", libraries.join(":"), path.join(root, "usr/bin/qemu-system-x86_64"), ...firmware],
    qemuEnvironment: { QEMU_MODULE_DIR: path.join(root, "usr/lib/x86_64-linux-gnu/qemu") },
  }
}

async function findKernel(root: string): Promise<string> {
  const name = (await readdir(path.join(root, "boot"))).find((entry) => entry.startsWith("vmlinuz-"))
  if (name === undefined) throw new Error("expected a kernel among the packages, got none")
  return path.join(root, "boot", name)
}

/** The kernel takes several archives in a row: the big one is cached, the small one holds what is under test. */
async function buildImage(guest: string): Promise<string> {
  const base = `${guest}.cpio`
  if (!(await exists(base))) await inWorkFolder(async (work) => rename(await packBase(guest, work), base))
  const image = path.join(cache, "image.cpio")
  await inWorkFolder(async (work) => {
    const test = await packTest(guest, work)
    const joined = path.join(work, "joined.cpio")
    await pipeline(createReadStream(base), createWriteStream(joined))
    await pipeline(createReadStream(test), createWriteStream(joined, { flags: "a" }))
    await rename(joined, image)
  })
  return image
}

async function packBase(guest: string, work: string): Promise<string> {
  const root = path.join(work, "root")
  for (const folder of ["bin", "sbin", "etc", "lib", "lib64", "usr/bin", "usr/sbin", "usr/lib"]) {
    await cp(path.join(guest, folder), path.join(root, folder), { recursive: true, verbatimSymlinks: true })
  }
  for (const release of await readdir(path.join(root, "lib/modules"))) {
    const kernel = path.join(root, "lib/modules", release, "kernel")
    for (const folder of UNUSED_MODULES) await rm(path.join(kernel, folder), { recursive: true, force: true })
    await execa(path.join(guest, "bin/busybox"), ["depmod", "-b", root, release])
  }
  await rm(path.join(root, "sbin/modprobe"))
  await symlink("/bin/busybox", path.join(root, "sbin/modprobe"))
  // As Debian's alternatives have it: the name alone means the other backend than the guest's.
  await symlink("iptables-nft", path.join(root, "usr/sbin/iptables"))
  await cp(process.execPath, path.join(root, "usr/bin/node"))
  return pack(guest, root, path.join(work, "base.cpio"))
}

async function packTest(guest: string, work: string): Promise<string> {
  const root = path.join(work, "test")
  const source = path.join(import.meta.dirname, "guest")
  await mkdir(root)
  await cp(path.join(source, "init.sh"), path.join(root, "init"))
  await cp(path.join(source, "agent.ts"), path.join(root, "test/agent.ts"))
  for (const name of ["package.json", "bin", "dist"]) {
    const filter = (file: string) => !file.endsWith(".map") && !file.endsWith("types")
    await cp(path.join(repository, "apps/initializer", name), path.join(root, "initializer", name), {
      recursive: true,
      filter,
    })
  }
  return pack(guest, root, path.join(work, "test.cpio"))
}

async function pack(guest: string, root: string, archive: string): Promise<string> {
  const script = 'find . | "$0" cpio -o -H newc > "$1"'
  await execa("/bin/sh", ["-c", script, path.join(guest, "bin/busybox"), archive], { cwd: root })
  return archive
}

async function inWorkFolder<Result>(act: (work: string) => Promise<Result>): Promise<Result> {
  const work = await mkdtemp(path.join(cache, ".work-"))
  try {
    return await act(work)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}
