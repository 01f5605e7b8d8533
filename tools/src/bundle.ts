/**
 * Bundles the program in the current folder: src/main.ts becomes dist/main.js, with lazily imported parts beside it, and
 * so do src/*-thread.ts, the programs of its threads.
 */
import { glob, readdir, rm } from "node:fs/promises"
import path from "node:path"
import { build } from "esbuild"

const OUTPUT = "dist"

const { metafile } = await build({
  entryPoints: ["src/main.ts", ...(await Array.fromAsync(glob("src/*-thread.ts")))],
  outdir: OUTPUT,
  bundle: true,
  splitting: true,
  metafile: true,
  platform: "node",
  target: "node24",
  format: "esm",
  // jsonc-parser's main file hides its parts behind UMD, which cannot be bundled.
  mainFields: ["module", "main"],
  legalComments: "linked",
  sourcemap: true,
  logLevel: "warning",
  // CommonJS dependencies call require for Node's own modules; in an ES module it has to be made. An import for that
  // would cost each start some milliseconds: Node prepares a namespace with everything that a module exports.
  banner: { js: 'const require = process.getBuiltinModule("node:module").createRequire(import.meta.url);' },
})
await removeLeftovers(new Set(Object.keys(metafile.outputs).map((file) => path.basename(file))))

/** Parts of an earlier build go last, so that the program can be run at any moment. */
async function removeLeftovers(current: ReadonlySet<string>): Promise<void> {
  const entries = await readdir(OUTPUT, { withFileTypes: true })
  const leftovers = entries.filter((entry) => entry.isFile() && !current.has(entry.name))
  await Promise.all(leftovers.map(({ name }) => rm(path.join(OUTPUT, name))))
}
