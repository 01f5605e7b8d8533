/** Bundles the program in the current folder: src/main.ts becomes dist/main.js, with lazily imported parts beside it. */
import { rm } from "node:fs/promises"
import { build } from "esbuild"

await rm("dist", { recursive: true, force: true })
await build({
  entryPoints: ["src/main.ts"],
  outdir: "dist",
  bundle: true,
  splitting: true,
  platform: "node",
  target: "node24",
  format: "esm",
  // jsonc-parser's main file hides its parts behind UMD, which cannot be bundled.
  mainFields: ["module", "main"],
  legalComments: "linked",
  sourcemap: true,
  logLevel: "warning",
  // CommonJS dependencies call require for Node's own modules; in an ES module it has to be made.
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
})
