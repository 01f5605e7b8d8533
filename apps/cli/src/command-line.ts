import { type Command, Option } from "commander"
import { collect, declareAttestationCommands, withCollateral } from "./attestation-commands.ts"
import type { GenerateOptions } from "./commands/generate.ts"
import type { RecoverOptions } from "./commands/recover.ts"
import type { SetOptions } from "./commands/set.ts"
import type { SignOptions } from "./commands/sign.ts"
import type { VerifyOptions } from "./commands/verify.ts"
import { FOREIGN_COORDINATOR_FLAGS, FOREIGN_GENERATE_FLAGS, withForeignFlags, withIdleFlag } from "./foreign-flags.ts"
import type { Run } from "./program.ts"

// What a command does is loaded when it runs, so that --help and --version answer at once.

/** Declares every command with its flags; `run` carries it out. */
export function declareCommands(program: Command, run: Run): void {
  declareGenerate(program, run)
  declareSet(program, run)
  declareVerify(program, run)
  declareRecover(program, run)
  declareSign(program, run)
  declareAttestationCommands(program, run)
  declareCompletion(program, run)
}

function declareGenerate(program: Command, run: Run): void {
  const generate = withIdleFlag(program.command("generate"), "--skip-service-mesh")
  withForeignFlags(generate, FOREIGN_GENERATE_FLAGS)
    .summary("write policies into Kubernetes YAML, and the manifest")
    .description(
      "Injects the Initializer into each confidential workload of the YAML files, writes its policy into the initdata " +
        "annotation, and writes the manifest that names those policies. Makes owner keys where there are none. Files are " +
        'changed in place, with their comments and order; "--output json" or "text" chooses the format of the results, any ' +
        "other value of --output is the file or folder to write the YAML to instead.",
    )
    .argument("<paths...>", "Kubernetes YAML files, or folders with .yml and .yaml files")
    .option("-m, --manifest <file>", "manifest to write, and to take over from (default: manifest.json)")
    .option("--reference-values <platform>", "platform of the workloads whose runtime class names none")
    .option(
      "--reference-value-patches <file>",
      "JSON Patches that fill in the reference values of a new manifest, repeatable",
      collect,
    )
    .option("--purge-empty-reference-values", "leave out new reference values that are not filled in")
    .option(
      "-w, --add-workload-owner-key <file>",
      "public or private key of one who may set manifests, repeatable (default: workload-owner.pem, made if absent)",
      collect,
    )
    .option(
      "--add-seedshare-owner-key <file>",
      "public or private key of one who may recover, repeatable (default: seedshare-owner.pem, made if absent)",
      collect,
    )
    .addOption(
      new Option(
        "-d, --disable-updates",
        "allow no further manifest after this one: drop all workload owner keys",
      ).conflicts("addWorkloadOwnerKey"),
    )
    .option("--image-replacements <file>", 'images to replace, one "from=to" a line')
    .option("--initializer-image <image>", "image of the Initializer, with digest")
    .option("--skip-initializer", "inject no Initializer: workloads then get no certificates and no secret")
    .option("--INSECURE", "allow platforms that do not attest (also: CONTRAST_ALLOW_INSECURE=1)")
    .action((paths: string[], options: GenerateOptions) =>
      run("generate", async (context) => (await import("./commands/generate.ts")).generate(context, paths, options)),
    )
}

function declareSet(program: Command, run: Run): void {
  withCoordinator(program.command("set"), "180")
    .summary("set the manifest at the Coordinator")
    .description(
      "Sets the manifest: the first one of a Coordinator, or the next one with the consent of a workload owner. The files " +
        "must be those that generate wrote: each policy of the manifest once. Writes the CA certificates, and the first time " +
        "the seed shares, without which nobody can recover.",
    )
    .argument("<paths...>", "Kubernetes YAML files, or folders with .yml and .yaml files")
    .option(
      "--workload-owner-key <file>",
      "private key of a workload owner (default: workload-owner.pem, if it exists)",
    )
    .option("--atomic", "set it only if no other manifest was set since the last verify")
    .option("--latest-transition <hex>", "with --atomic: the transition to follow, instead of the one that verify saw")
    .option("-s, --signature <file>", "signature of a workload owner, made by contrast sign")
    .option("--accept-rollback", "go on although the Coordinator's history or root CA key is not what was seen before")
    .action((paths: string[], options: SetOptions) =>
      run("set", async (context) => (await import("./commands/set.ts")).set(context, paths, options)),
    )
}

function declareVerify(program: Command, run: Run): void {
  withCoordinator(program.command("verify"), "0")
    .summary("check the Coordinator and its history against the manifest")
    .description(
      "Checks that the Coordinator is what the manifest says, fetches all manifests and policies it ever had into the folder " +
        '"verify", and fails unless the active manifest is this one, byte for byte.',
    )
    .argument("[paths...]", "Kubernetes YAML files or folders, to check their policies against the manifest too")
    .option("--accept-rollback", "go on although the Coordinator's history or root CA key is not what was seen before")
    .action((paths: string[], options: VerifyOptions) =>
      run("verify", async (context) => (await import("./commands/verify.ts")).verify(context, paths, options)),
    )
}

function declareRecover(program: Command, run: Run): void {
  withIdleFlag(withCoordinator(program.command("recover"), "0"), "--workload-owner-key <file>")
    .summary("give a restarted Coordinator its seed back")
    .description(
      "Checks the Coordinator, then hands it the seed from the owner's share, so that it has its keys and secrets again. " +
        "It refuses any other seed, and a history without the transition that was last seen here.",
    )
    .option("--seedshare-owner-key <file>", "private key of a seed share owner (default: seedshare-owner.pem)")
    .option("--seed <file>", "seed shares that set wrote (default: seed-shares.json)")
    .option("--force", "recover although another Coordinator is ready to hand over its state (ours has no others)")
    .option("--accept-rollback", "go on although the Coordinator's history lacks what was seen before")
    .action((options: RecoverOptions) =>
      run("recover", async (context) => (await import("./commands/recover.ts")).recover(context, options)),
    )
}

function declareSign(program: Command, run: Run): void {
  program
    .command("sign")
    .summary("sign a manifest as workload owner, without a Coordinator")
    .description(
      "Signs the transition to the manifest, for someone else to set it with --signature. With --prepare it writes what " +
        "is to be signed instead, for a key that openssl or a hardware token holds:\n" +
        "  openssl dgst -sha256 -sign key.pem -out transition.sig next-transition",
    )
    .option("-m, --manifest <file>", "manifest to sign (default: manifest.json)")
    .option("--workload-owner-key <file>", "private key of a workload owner (default: workload-owner.pem)")
    .option("--latest-transition <hex>", "transition to follow, instead of the one that verify saw")
    .option("--prepare", "write the hash of the next transition instead of its signature")
    .requiredOption("--out <file>", "file to write")
    .action((options: SignOptions) =>
      run("sign", async (context) => (await import("./commands/sign.ts")).sign(context, options)),
    )
}

function declareCompletion(program: Command, run: Run): void {
  program
    .command("completion")
    .summary("print a completion script for a shell")
    .description(
      `Prints a completion script. For this session:
  bash, zsh: source <(contrast completion bash)
  fish:      contrast completion fish | source`,
    )
    .argument("<shell>", "bash, zsh or fish")
    .action((shell: string) =>
      run("completion", async () => (await import("./commands/completion.ts")).completion(program, shell)),
    )
}

function withCoordinator(command: Command, waitSeconds: string): Command {
  return withForeignFlags(withCollateral(command), FOREIGN_COORDINATOR_FLAGS)
    .option("-m, --manifest <file>", "manifest to check the Coordinator by (default: manifest.json)")
    .requiredOption("-c, --coordinator <host:port>", "address of the Coordinator's user API")
    .option("--wait <seconds>", "how long to try to reach the Coordinator", waitSeconds)
    .option("--handshake-attestation", "attest inside the TLS handshake, for Coordinators that know no other way")
}
