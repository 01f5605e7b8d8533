import { builtinModules } from "node:module"
import type { Plugin } from "esbuild"

const NAMESPACE = "builtin-modules"

/**
 * Lets a bundle take Node's own modules with `process.getBuiltinModule`. An ES import of even one of them costs each
 * start of a program several milliseconds: Node then prepares a namespace with everything that the module exports.
 */
export const builtinModulesPlugin: Plugin = {
  name: NAMESPACE,
  setup(build) {
    const names = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]))
    build.onResolve({ filter: /^(?:node:)?[a-z_/0-9]+$/ }, ({ path }) =>
      names.has(path) ? { path: path.replace(/^node:/, ""), namespace: NAMESPACE } : undefined,
    )
    build.onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(`node:${path}`)})`,
    }))
  },
}
