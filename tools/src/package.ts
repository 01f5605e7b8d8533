/** Packs each built program with its licences into release/NAME-VERSION.tar.gz, and their SHA-256 sums beside them. */
import { createHash } from "node:crypto"
import { mkdir, readFile, rm, writeFile } from "node:fs/promises"
import path from "node:path"
import { execa } from "execa"

const root = path.resolve(import.meta.dirname, "../..")
const release = path.join(root, "release")
const version = process.argv[2]
if (version === undefined || !/^v\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) {
  console.error("usage: npm run package -- vMAJOR.MINOR.PATCH")
  process.exit(2)
}

await rm(release, { recursive: true, force: true })
await mkdir(release)
const sums = await Promise.all(["coordinator", "cli", "initializer"].map((app) => pack(app, version)))
await writeFile(path.join(release, "SHA256SUMS"), sums.join(""))

/** Same sources, same bytes: names sorted, owners and times fixed. */
async function pack(app: string, version: string): Promise<string> {
  const { version: own } = JSON.parse(await readFile(path.join(root, "apps", app, "package.json"), "utf8")) as {
    version: string
  }
  if (`v${own}` !== version) throw new Error(`${app} is ${own}, and the release is to be ${version}`)
  const name = `contrast-${app}-${version}.tar.gz`
  const file = path.join(release, name)
  const fixed = [
    "--use-compress-program=gzip -n",
    "--sort=name",
    "--owner=0",
    "--group=0",
    "--numeric-owner",
    "--mtime=@0",
    "--mode=go-w",
  ]
  const what = ["--exclude=dist/types", "--exclude=dist/test-types", "package.json", "bin", "dist"]
  await execa("tar", [...fixed, "-C", path.join(root, "apps", app), "-cf", file, ...what])
  const digest = createHash("sha256")
    .update(await readFile(file))
    .digest("hex")
  return `${digest}  ${name}\n`
}
