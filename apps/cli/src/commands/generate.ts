import { encodeUtf8 } from "@contrast/crypto"
import {
  type Manifest,
  ManifestError,
  type Platform,
  encodeManifest,
  isInsecurePlatform,
  parsePlatform,
} from "@contrast/manifest"
import { encodeKubernetesFile } from "@contrast/policy"
import type { Context } from "../context.ts"
import { parseBoolean } from "../environment.ts"
import { CliError } from "../error.ts"
import { readFileBounded } from "../file-reader.ts"
import { type FileWrite, writeFiles } from "../files.ts"
import { type ImageReplacements, parseImageReplacements } from "../generate/image-replacements.ts"
import { reportOutcome, tellOutcome } from "../generate/outcome.ts"
import { INITIALIZER_IMAGE } from "../generate/initializer-image.ts"
import { assembleManifest, checkNewManifest, describeLostEdits } from "../generate/manifest.ts"
import { policyEntries } from "../generate/policy-entries.ts"
import { embedPolicies } from "../generate/policies.ts"
import { resourceOf } from "../generate/pod.ts"
import { parseReferenceValuePatches, type ReferenceValuePatch } from "../generate/reference-value-patches.ts"
import { assembleReferenceValues } from "../generate/reference-values.ts"
import { type PreparedWorkload, prepareWorkloads } from "../generate/workloads.ts"
import { type InputFile, readKubernetesFiles } from "../kubernetes-files.ts"
import { findManifestFile } from "../manifest-file.ts"
import type { Report } from "../output.ts"
import { findOutputPlace } from "../output-place.ts"
import { type OwnerKeys, openOwnerKeys } from "../owner-keys.ts"
import { requireConfigMaps, requireWorkloads } from "../policies.ts"
import { isStandardOutput } from "../streams.ts"

export interface GenerateOptions {
  readonly manifest?: string
  readonly referenceValues?: string
  readonly referenceValuePatches?: readonly string[]
  readonly purgeEmptyReferenceValues?: true
  readonly addWorkloadOwnerKey?: readonly string[]
  readonly addSeedshareOwnerKey?: readonly string[]
  readonly disableUpdates?: true
  readonly imageReplacements?: string
  readonly initializerImage?: string
  readonly skipInitializer?: true
  readonly INSECURE?: true
}

const MAX_OPTION_FILE_BYTES = 1024 * 1024

/** Prepares workloads for a deployment and writes the manifest that describes it. Either all is written or nothing. */
export async function generate(context: Context, paths: readonly string[], options: GenerateOptions): Promise<Report> {
  const { workspace, output, outputPath } = context
  const manifestPath = workspace.path("manifest", options.manifest)
  const existing = await findManifestFile(manifestPath)
  const inputs = await readKubernetesFiles(paths, workspace)
  const place = await findOutputPlace(outputPath, inputs)
  const workloads = requireWorkloads(inputs)
  const platform = choosePlatform(options.referenceValues, existing)
  const { prepared, advice } = prepareWorkloads(workloads, {
    files: inputs.map(({ file }) => file),
    platform,
    initializerImage: options.skipInitializer ? undefined : (options.initializerImage ?? INITIALIZER_IMAGE),
    imageReplacements: await readReplacements(options.imageReplacements),
  })
  requireCoordinator(prepared.map(({ request }) => request))
  const { hashed, notes } = embedPolicies(prepared, requireConfigMaps(inputs))
  const policies = policyEntries(hashed)
  const { referenceValues, warnings } = assembleReferenceValues({
    existing,
    platforms: new Set(prepared.map(({ platform }) => platform)),
    patches: await readPatches(options.referenceValuePatches),
    purgeEmpty: options.purgeEmptyReferenceValues === true,
  })
  const owners = await openOwners(context, options)
  const manifest = assembleManifest({
    existing,
    policies,
    referenceValues,
    workloadOwnerPubKeys: owners.workload.publicKeys,
    seedshareOwnerPubKeys: owners.seedshare.publicKeys,
    disableUpdates: options.disableUpdates === true,
  })
  requireOptIn(context, options, prepared)
  checkNewManifest(manifestPath, manifest)
  const keys = [owners.workload, owners.seedshare].flatMap(({ created = [] }) => created)
  const isLeftOut = (await isStandardOutput(manifestPath)) || (await isStandardOutput(outputPath ?? ""))
  const changed = await writeFiles([
    ...keys,
    ...inputs.map((input) => encodeInput(input, place(input))),
    { path: manifestPath, content: encodeManifest(manifest) },
  ])
  const outcome = {
    ...{ manifestPath, manifest, keys: keys.map(({ path }) => path), hashed, changed, notes },
    warnings: [
      ...describeLostEdits(manifestPath, { existing, policies }),
      ...describeIdlePlatform(options.referenceValues, platform, prepared),
      ...warnings,
      ...advice,
    ],
  }
  tellOutcome(output, outcome)
  return { ...reportOutcome(outcome), isLeftOut }
}

function choosePlatform(flag: string | undefined, existing: Manifest | undefined): Platform | undefined {
  if (flag === undefined) {
    const [only, ...others] = new Set(existing?.referenceValues.map(({ platform }) => platform))
    return others.length === 0 ? only : undefined
  }
  try {
    return parsePlatform(flag)
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error
    const message = error.problems[0]?.message ?? error.message
    throw new CliError("PLATFORM", message, { cause: error, hint: "give one of them with --reference-values" })
  }
}

function describeIdlePlatform(
  flag: string | undefined,
  platform: Platform | undefined,
  prepared: readonly PreparedWorkload[],
): readonly string[] {
  if (flag === undefined || prepared.some((workload) => workload.platform === platform)) return []
  return [`nothing runs on ${flag}: the runtime class of every workload names another platform`]
}

async function readReplacements(file: string | undefined): Promise<ImageReplacements> {
  return file === undefined
    ? new Map()
    : parseImageReplacements(file, await readFileBounded(file, MAX_OPTION_FILE_BYTES))
}

async function readPatches(files: readonly string[] = []): Promise<readonly ReferenceValuePatch[]> {
  const read = async (file: string): Promise<readonly ReferenceValuePatch[]> =>
    parseReferenceValuePatches(file, await readFileBounded(file, MAX_OPTION_FILE_BYTES))
  return (await Promise.all(files.map(read))).flat()
}

function requireCoordinator(requests: readonly { readonly isCoordinator: boolean }[]): void {
  if (requests.some(({ isCoordinator }) => isCoordinator)) return
  throw new CliError("WORKLOAD_MISSING", "none of the files holds the Coordinator", {
    hint: 'add its StatefulSet, whose pods are annotated with contrast.edgeless.systems/pod-role: "coordinator"',
  })
}

interface Owners {
  readonly workload: OwnerKeys
  readonly seedshare: OwnerKeys
}

async function openOwners({ workspace, output }: Context, options: GenerateOptions): Promise<Owners> {
  const { addWorkloadOwnerKey, addSeedshareOwnerKey, disableUpdates } = options
  const workloadPaths = addWorkloadOwnerKey ?? [workspace.path("workloadOwnerKey")]
  return output.during("reading or making owner keys", async () => ({
    workload: await openOwnerKeys("workload", disableUpdates ? [] : workloadPaths),
    seedshare: await openOwnerKeys("seedshare", addSeedshareOwnerKey ?? [workspace.path("seedshareOwnerKey")]),
  }))
}

/** Whoever runs without a TEE has to say so. */
function requireOptIn(
  { output, env }: Context,
  { INSECURE }: GenerateOptions,
  prepared: readonly PreparedWorkload[],
): void {
  const insecure = prepared.filter(({ platform }) => isInsecurePlatform(platform))
  const [first] = insecure
  if (first === undefined) return
  if (!INSECURE && !parseBoolean("CONTRAST_ALLOW_INSECURE", env)) {
    const { workload, platform } = first
    const place = `${workload.file}: ${resourceOf(workload)}: ${workload.runtimeClassName}`
    throw new CliError("INSECURE", `${place} stands for ${platform}, which does not attest: it protects nothing`, {
      hint: "choose a runtime class with a TEE (contrast-cc), or allow this one for development with --INSECURE",
    })
  }
  const platforms = [...new Set(insecure.map(({ platform }) => platform))].join(", ")
  output.warn(`INSECURE: ${platforms} does not attest. Anyone on the host can read and change everything.`)
}

function encodeInput({ file }: InputFile, path: string): FileWrite {
  return { path, content: encodeUtf8(encodeKubernetesFile(file)) }
}
