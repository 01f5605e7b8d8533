import {
  CollateralError,
  type CollateralOptions,
  type CollateralStore,
  createCollateralStore,
  createDirectoryCache,
} from "@contrast/collateral"
import type { Config } from "./config.ts"
import { CoordinatorError } from "./error.ts"
import { LineAllowance } from "./line-allowance.ts"
import type { Log } from "./log.ts"

/** A workload waits for its certificate meanwhile; what was learnt in vain is of use to the next one. */
const BUDGET_MS = 15_000

/**
 * What AMD and Intel publish, kept in a directory of its own: it is not part of the state, and nothing in it is trusted.
 *
 * @param roots - Whom it believes about hardware; by default AMD and Intel.
 * @throws {@link CoordinatorError} `CONFIG`.
 */
export function openCollateral(
  { collateral }: Pick<Config, "collateral">,
  log: Log,
  roots: CollateralOptions["roots"],
): CollateralStore {
  const problems = new LineAllowance()
  try {
    return createCollateralStore({
      ...collateral,
      ...(roots && { roots }),
      cache: createDirectoryCache(collateral.directory),
      budgetMs: BUDGET_MS,
      events: {
        asking: (what) => {
          log.debug(what)
        },
        // Invented evidence asks for invented chips.
        problem: (problem) => {
          const leftOut = problems.take("problem")
          if (leftOut !== undefined) log.warn(problem, leftOut > 0 ? { leftOut } : {})
        },
      },
    })
  } catch (cause) {
    if (cause instanceof CollateralError) throw new CoordinatorError("CONFIG", cause.message, { cause })
    throw cause
  }
}
