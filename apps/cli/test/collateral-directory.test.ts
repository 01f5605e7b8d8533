import { expect, test } from "@jest/globals"
import { collateralDirectory } from "../src/collateral.ts"
import type { Context } from "../src/context.ts"

const directory = (env: Context["env"], collateralDir?: string): string =>
  collateralDirectory({ env } as Context, collateralDir === undefined ? {} : { collateralDir })

test.each([
  ["a flag", { CONTRAST_COLLATERAL_DIR: "/own", CONTRAST_CACHE_DIR: "/cache" }, "/flag", "/flag"],
  ["its own variable", { CONTRAST_COLLATERAL_DIR: "/own", CONTRAST_CACHE_DIR: "/cache" }, undefined, "/own"],
  ["Contrast's cache", { CONTRAST_CACHE_DIR: "/cache", XDG_CACHE_HOME: "/xdg" }, undefined, "/cache/collateral"],
  ["the user's caches", { CONTRAST_CACHE_DIR: "", XDG_CACHE_HOME: "/xdg" }, undefined, "/xdg/contrast/collateral"],
  ["the user's home", { XDG_CACHE_HOME: "relative", HOME: "/me" }, undefined, "/me/.cache/contrast/collateral"],
])("collateral is kept where %s says", (_name, env, flag, expected) => {
  expect(directory(env, flag)).toBe(expected)
})
