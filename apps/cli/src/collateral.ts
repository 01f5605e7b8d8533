import { homedir } from "node:os"
import path from "node:path"
import {
  type Cache,
  CollateralError,
  type CollateralOptions as CollateralStoreOptions,
  type CollateralStore,
  createCollateralStore,
  createDirectoryCache,
} from "@contrast/collateral"
import type { Context } from "./context.ts"
import { parseBoolean } from "./environment.ts"
import { CliError } from "./error.ts"

/** Flags of all commands that judge evidence. */
export interface CollateralOptions {
  readonly collateralDir?: string
  readonly amdKdsUrl?: string
  readonly intelPcsUrl?: string
  readonly offline?: true
}

/** A connection to a Coordinator has half a minute; a retry of what was refused has to fit in. */
const BUDGET_MS = 12_000

/** The directory that keeps collateral: the flag, the variable, or a place in Contrast's cache. */
export function collateralDirectory({ env }: Context, { collateralDir }: CollateralOptions): string {
  const named = collateralDir ?? (env["CONTRAST_COLLATERAL_DIR"] || undefined)
  return named ?? path.join(env["CONTRAST_CACHE_DIR"] || userCache(env), "collateral")
}

function userCache(env: Context["env"]): string {
  // The XDG specification has relative paths ignored.
  const xdg = env["XDG_CACHE_HOME"] ?? ""
  const caches = path.isAbsolute(xdg) ? xdg : path.join(env["HOME"] ?? homedir(), ".cache")
  return path.join(caches, "contrast")
}

/** The cache in that directory. */
export function openCollateralCache(context: Context, options: CollateralOptions): Cache {
  return createDirectoryCache(collateralDirectory(context, options))
}

/** What a command may have otherwise than the rest. */
type StoreOptions = Partial<Pick<CollateralStoreOptions, "cache" | "budgetMs" | "now">>

/**
 * Opens what AMD and Intel publish, as flags and environment say.
 *
 * @throws {@link CliError} `USAGE`.
 */
export function openCollateral(
  context: Context,
  options: CollateralOptions,
  { cache = openCollateralCache(context, options), budgetMs = BUDGET_MS, now }: StoreOptions = {},
): CollateralStore {
  const { env, output } = context
  const say = (text: string): void => {
    output.info(text)
  }
  try {
    return createCollateralStore({
      cache,
      budgetMs,
      ...(now && { now }),
      amdUrl: options.amdKdsUrl ?? (env["CONTRAST_AMD_KDS_URL"] || undefined),
      intelUrl: options.intelPcsUrl ?? (env["CONTRAST_INTEL_PCS_URL"] || undefined),
      offline: options.offline ?? parseBoolean("CONTRAST_OFFLINE", env),
      events: { asking: say, problem: say },
    })
  } catch (cause) {
    if (!(cause instanceof CollateralError)) throw cause
    throw new CliError("USAGE", cause.message, { cause, hint: "give it as http://… or https://…" })
  }
}
