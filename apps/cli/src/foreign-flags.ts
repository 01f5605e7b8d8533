import { type Command, Option } from "commander"
import { CliError } from "./error.ts"

/** Flags of the established CLI that have no counterpart here, and what to do instead. */
export type ForeignFlags = readonly (readonly [flags: string, instead: string])[]

const NO_GENPOLICY = "policies are made from the Kubernetes files alone: leave it out"

/** Of `generate`. */
export const FOREIGN_GENERATE_FLAGS: ForeignFlags = [
  ["-p, --policy <file>", NO_GENPOLICY],
  ["-s, --settings <file>", NO_GENPOLICY],
  ["-c, --genpolicy-cache-path <file>", NO_GENPOLICY],
  ["--insecure-registry <host>", "generate fetches no image: leave it out"],
  ["--inject-image-store", "no image store is injected: give the pod the memory that its images need"],
  ["--calculate-pod-memory", "set the memory of each container in its Kubernetes file"],
  [
    "--insecure-enable-debug-shell-access",
    "no policy lets a shell into its pod: read its output with kubectl logs, or run its image elsewhere to look into it",
  ],
  ["--collateral-proxy <url>", "generate asks neither AMD nor Intel: leave it out"],
]

/** Of the commands that judge a Coordinator's evidence. */
export const FOREIGN_COORDINATOR_FLAGS: ForeignFlags = [
  ["--collateral-proxy <url>", "name what answers for AMD and Intel with --amd-kds-url and --intel-pcs-url"],
]

/** Declares flags that are refused by name; neither help nor completion has them. */
export function withForeignFlags(command: Command, foreign: ForeignFlags): Command {
  for (const [flags, instead] of foreign) {
    const option = new Option(flags).hideHelp()
    command.addOption(option).on(`option:${option.name()}`, () => {
      throw new CliError("USAGE", `--${option.name()} of Contrast's own CLI is not supported`, { hint: instead })
    })
  }
  return command
}

/** Declares a flag that is taken for the sake of existing scripts, and has no effect. */
export function withIdleFlag(command: Command, flags: string): Command {
  return command.addOption(new Option(flags).hideHelp())
}
