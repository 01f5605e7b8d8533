import { PolicyError, type Problem } from "@contrast/policy"
import { CliError } from "./error.ts"

/**
 * Does several things to Kubernetes files and returns what came of each.
 *
 * @throws {@link CliError} `WORKLOAD` with the problems of all of them, so that a user can mend them in one go.
 */
export function explainWorkloads<T>(steps: readonly (() => T)[]): readonly T[] {
  const problems: Problem[] = []
  const results = steps.flatMap((step) => {
    try {
      return [step()]
    } catch (error) {
      if (!(error instanceof PolicyError)) throw error
      problems.push(...error.problems)
      return []
    }
  })
  refuseProblems(problems)
  return results
}

/** @throws {@link CliError} `WORKLOAD` if there is any problem. */
export function refuseProblems(problems: readonly Problem[]): void {
  if (problems.length === 0) return
  throw new CliError("WORKLOAD", "the Kubernetes files cannot be used as they are", {
    problems,
    hint: "correct them and run the command again; nothing was changed",
  })
}
