/**
 * Bundles the program in the current folder: src/main.ts becomes dist/main.js, with lazily imported parts beside it, and
 * so do src/*-thread.ts, the programs of its threads. A release names its Initializer's image, with digest, in
 * CONTRAST_INITIALIZER_IMAGE.
 */
import { glob, readdir, rm } from "node:fs/promises"
import path from "node:path"
import { build, type Plugin } from "esbuild"

const OUTPUT = "dist"
const initializerImage = process.env["CONTRAST_INITIALIZER_IMAGE"]

/**
 * An import of one of Node's own modules costs each start some milliseconds: Node prepares a namespace with everything
 * that the module exports, for which it loads the lazy parts as well. Here only the names in use are read.
 */
const ownModules: Plugin = {
  name: "own-modules",
  setup(bundle) {
    bundle.onResolve({ filter: /^node:/ }, ({ kind, path: name, importer }) =>
      // What require gives is the module itself already. Each importer gets its own copy, which is no file of its own then.
      kind === "import-statement"
        ? { path: name, suffix: `?${path.relative("", importer)}`, namespace: "own", sideEffects: false }
        : undefined,
    )
    bundle.onLoad({ filter: /^/, namespace: "own" }, ({ path: name }) => ({ contents: exportMembers(name) }))
  },
}

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
  // Less to read at each start. Names stay, for whoever reads the stack of an error.
  minifyWhitespace: true,
  minifySyntax: true,
  logLevel: "warning",
  plugins: [ownModules],
  define: {
    CONTRAST_INITIALIZER_IMAGE: initializerImage === undefined ? "undefined" : JSON.stringify(initializerImage),
  },
  // CommonJS dependencies call require, and all that is not bundled are Node's own modules.
  banner: { js: "const require = (name) => process.getBuiltinModule(name);" },
})
await removeLeftovers(new Set(Object.keys(metafile.outputs).map((file) => path.basename(file))))

/** Parts of an earlier build go last, so that the program can be run at any moment. */
async function removeLeftovers(current: ReadonlySet<string>): Promise<void> {
  const entries = await readdir(OUTPUT, { withFileTypes: true })
  const leftovers = entries.filter((entry) => entry.isFile() && !current.has(entry.name))
  await Promise.all(leftovers.map(({ name }) => rm(path.join(OUTPUT, name))))
}

/** An ES module like the one that Node would make, but of parts that the bundler can leave out. */
function exportMembers(name: string): string {
  const own = `process.getBuiltinModule(${JSON.stringify(name)})`
  const exported = Object.keys(process.getBuiltinModule(name) ?? {})
  // Commander could start other programs for subcommands, and loads what that takes; ours never do.
  const whole = name === "node:child_process" ? `new Proxy({}, { get: (_, key) => ${own}[key] })` : `(() => ${own})()`
  return [
    `export default /* @__PURE__ */ ${whole}`,
    ...exported.map((member) => `export const ${member} = /* @__PURE__ */ (() => ${own}.${member})()`),
  ].join("\n")
}
