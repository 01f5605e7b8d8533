import { type Command, Option } from "commander"
import type { InspectOptions } from "./commands/attest.ts"
import type { BundleOptions, FetchOptions } from "./commands/collateral.ts"
import type { Run } from "./program.ts"

// What a command does is loaded when it runs, so that --help and --version answer at once.

/** Declares the commands that are about evidence and what vouches for it. */
export function declareAttestationCommands(program: Command, run: Run): void {
  declareCollateral(program, run)
  declareAttest(program, run)
}

/** Adds the flags of all commands that judge evidence. */
export function withCollateral(command: Command): Command {
  return withServices(command).option(
    "--offline",
    "ask neither AMD nor Intel: what was fetched or imported has to do (also: CONTRAST_OFFLINE=1)",
  )
}

function withServices(command: Command): Command {
  return withCache(command)
    .option("--amd-kds-url <url>", "AMD's key distribution service (also: CONTRAST_AMD_KDS_URL)")
    .option("--intel-pcs-url <url>", "Intel's certification service, or a PCCS (also: CONTRAST_INTEL_PCS_URL)")
}

function withCache(command: Command): Command {
  return command.option(
    "--collateral-dir <folder>",
    "keeps what AMD and Intel publish (default: contrast/collateral among the user's caches; also: CONTRAST_COLLATERAL_DIR, or CONTRAST_CACHE_DIR for the folder above)",
  )
}

function declareCollateral(program: Command, run: Run): void {
  const collateral = program
    .command("collateral")
    .summary("fetch, export or import what AMD and Intel publish")
    .description(
      "Collateral is what vouches for evidence: certificates, revocation lists, and what Intel says of firmware. It is kept " +
        "in a folder, and verified whenever it is used: whoever writes the folder or a bundle can choose among what is in " +
        "force, and no more.",
    )
  withCollateral(collateral.command("fetch"))
    .summary("ask AMD and Intel, and keep what they answer")
    .description(
      "Asks for what the reference values of a manifest need, or one piece of evidence, or Intel platforms by their FMSPC, " +
        "and fails if something is missing in the end. A vendor that limits questions is left alone as long as it asks.",
    )
    .option(
      "-m, --manifest <file>",
      "manifest whose reference values count (default: manifest.json, if nothing is named)",
    )
    .option("--evidence <file>", "report, quote, evidence document or attested certificate")
    .option("--fmspc <hex>", "Intel platform, 12 hex digits, repeatable; contrast attest inspect shows it", collect)
    .option("--wait <seconds>", "how long to go on asking for one thing", "180")
    .action((options: FetchOptions) =>
      run("collateral fetch", async (context) =>
        (await import("./commands/collateral.ts")).fetchCollateral(context, options),
      ),
    )
  withCache(collateral.command("export"))
    .summary("write all that is kept into one file")
    .description("Writes all that is kept as one JSON file, to be imported where neither AMD nor Intel can be reached.")
    .argument("<file>", "file to write")
    .action((file: string, options: BundleOptions) =>
      run("collateral export", async (context) =>
        (await import("./commands/collateral.ts")).exportCollateral(context, file, options),
      ),
    )
  withCache(collateral.command("import"))
    .summary("take over what export wrote elsewhere")
    .description(
      "Takes over an exported file, as far as it is newer than what is kept. A file with anything in it that its vendor did not " +
        "sign is refused as a whole.",
    )
    .argument("<file>", "file that export wrote")
    .action((file: string, options: BundleOptions) =>
      run("collateral import", async (context) =>
        (await import("./commands/collateral.ts")).importCollateral(context, file, options),
      ),
    )
}

function declareAttest(program: Command, run: Run): void {
  const attest = program
    .command("attest")
    .summary("look into evidence")
    .description("Explains evidence of hardware, and judges it by a manifest.")
  withServices(attest.command("inspect"))
    .summary("explain a report, quote, evidence document or attested certificate")
    .description(
      "Explains each field of an SEV-SNP report or TDX quote, raw, as hex or base64, in an evidence document, or in an " +
        "attested certificate (PEM or DER). With a manifest it also prints the verdict, and ends with exit code 3 if the " +
        "evidence is refused; without one, nothing is said about whether it is authentic. Nobody is asked for anything, unless " +
        "--online is given.",
    )
    .argument("<file>", "the evidence")
    .option("-m, --manifest <file>", "manifest to judge it by")
    .option("--collateral <bundle>", "what contrast collateral export wrote, in place of the folder")
    .addOption(new Option("--online", "ask AMD and Intel for what is missing or has ended").conflicts("collateral"))
    .option("--now <time>", "moment to judge it for, ISO 8601 (default: now)")
    .option("--report-data <hex>", "what its report data must be, 64 bytes (default: it is not compared)")
    .action((file: string, options: InspectOptions) =>
      run("attest inspect", async (context) => (await import("./commands/attest.ts")).inspect(context, file, options)),
    )
}

/** Gathers the values of a flag that may be given more than once. */
export function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value]
}
