import {
  type Cache,
  CollateralError,
  type CollateralStore,
  describeItem,
  encodeBundle,
  type Entry,
  findStanding,
  isFromVendor,
  isOlder,
  type Item,
  itemName,
  type Standing,
} from "@contrast/collateral"
import { decodeHex, encodeUtf8 } from "@contrast/crypto"
import { type CollateralOptions, collateralDirectory, openCollateral, openCollateralCache } from "../collateral.ts"
import { readBundle } from "../collateral-bundle.ts"
import { itemsOfEvidence, itemsOfManifest, itemsOfPlatform, minimumEvaluationOf } from "../collateral-items.ts"
import type { Context, TrustRoots } from "../context.ts"
import { parseWait } from "../wait.ts"
import { CliError } from "../error.ts"
import { writeFiles } from "../files.ts"
import { readEvidenceFile } from "../inspect/evidence-file.ts"
import { readManifestFile } from "../manifest-file.ts"
import type { Report } from "../output.ts"
import { isStandardOutput } from "../streams.ts"

export interface FetchOptions extends CollateralOptions {
  readonly manifest?: string
  readonly evidence?: string
  readonly fmspc?: readonly string[]
  readonly wait: string
}

export type BundleOptions = Pick<CollateralOptions, "collateralDir">

/** Asks the vendors for what a manifest, a piece of evidence or a platform needs. */
export async function fetchCollateral(context: Context, options: FetchOptions): Promise<Report> {
  const { output } = context
  const wanted = await readWanted(context, options)
  const store = openCollateral(context, options, { budgetMs: parseWait(options.wait) })
  const fetched = await output
    .during("asking AMD and Intel", (progress) => fetchAll(store, wanted, progress))
    .finally(() => store.close())
  const problems = fetched.flatMap(({ problem }) => (problem === null ? [] : [{ message: problem }]))
  const directory = collateralDirectory(context, options)
  if (problems.length > 0) {
    throw new CliError("COLLATERAL", `${problems.length} of ${fetched.length} could not be fetched`, {
      problems,
      hint: `what did come is kept in ${directory}; run the command again later, or import a bundle from elsewhere`,
    })
  }
  const lines = fetched.map(({ what, until }) => `${what}, until ${until ?? "unknown"}`)
  return { data: { directory, items: fetched }, text: [...lines, `kept in ${directory}`].join("\n") }
}

/** Writes all that is kept, and that its vendor signed, into one file. */
export async function exportCollateral(context: Context, file: string, options: BundleOptions): Promise<Report> {
  const cache = openCollateralCache(context, options)
  const items = await cache.items()
  const kept = (await Promise.all(items.map((item) => cache.read(item)))).flatMap((entry) => entry ?? [])
  const entries = kept.filter(({ item, content }) => isFromVendor(item, content, context.roots))
  if (entries.length < kept.length) {
    context.output.warn(`left out ${kept.length - entries.length} of ${kept.length}: their vendors did not sign them`)
  }
  if (entries.length === 0) {
    const directory = collateralDirectory(context, options)
    throw new CliError("COLLATERAL", `there is nothing in ${directory}`, { hint: "run contrast collateral fetch" })
  }
  const isLeftOut = await isStandardOutput(file)
  await writeFiles([{ path: file, content: encodeUtf8(encodeBundle(entries)) }])
  const names = entries.map(({ item }) => itemName(item))
  const text = `written: ${file}, with ${names.length} pieces of collateral`
  return { data: { file, items: names }, text, isLeftOut }
}

/** Takes over a file that was exported elsewhere, as far as it is newer. */
export async function importCollateral(context: Context, file: string, options: BundleOptions): Promise<Report> {
  const cache = openCollateralCache(context, options)
  const taken: string[] = []
  const kept: string[] = []
  const entries = await readBundle(file)
  requireSigned(file, entries, context.roots)
  for (const entry of entries) {
    const isTaken = await isNews(cache, entry, context.roots)
    if (isTaken) await write(cache, entry)
    ;(isTaken ? taken : kept).push(itemName(entry.item))
  }
  const directory = collateralDirectory(context, options)
  const text = `taken over into ${directory}: ${taken.length}; what is there is newer: ${kept.length}`
  return { data: { directory, taken, kept }, text }
}

/** All of it or nothing: whoever forged one piece may have taken out others. */
function requireSigned(file: string, entries: readonly Entry[], roots: TrustRoots): void {
  const forged = entries.filter(({ item, content }) => !isFromVendor(item, content, roots))
  if (forged.length === 0) return
  throw new CliError("FILE_CONTENT", `${file} cannot be imported: ${forged.length} of ${entries.length} are forged`, {
    problems: forged.map(({ item }) => ({ message: `${describeItem(item)} is not signed by its vendor` })),
    hint: "nothing of it was taken; export it again, or fetch from the vendors",
  })
}

async function write(cache: Cache, entry: Entry): Promise<void> {
  try {
    await cache.write(entry)
  } catch (cause) {
    if (!(cause instanceof CollateralError)) throw cause
    throw new CliError("FILE_FULL", cause.message, { cause, hint: "remove pieces that have ended from that folder" })
  }
}

interface Wanted {
  readonly items: readonly Item[]
  /** The evaluation number that Intel's statements must have at least. */
  readonly minimumEvaluation: number
}

async function readWanted({ workspace }: Context, options: FetchOptions): Promise<Wanted> {
  const { manifest: path, evidence, fmspc = [] } = options
  const items = fmspc.flatMap((text) => itemsOfPlatform({ fmspc: parseFmspc(text), ca: "platform" }))
  if (evidence !== undefined) items.push(...itemsOfEvidence(await readEvidenceFile(evidence)))
  const isManifestWanted = path !== undefined || items.length === 0
  const file = isManifestWanted ? await readManifestFile(workspace.path("manifest", path)) : undefined
  if (file !== undefined) items.push(...itemsOfManifest(file.manifest))
  if (items.length === 0) {
    throw new CliError("COLLATERAL", "nothing is needed: neither AMD nor Intel vouches for the insecure platform")
  }
  return {
    items: [...new Map(items.map((item) => [itemName(item), item])).values()],
    minimumEvaluation: file === undefined ? 0 : minimumEvaluationOf(file.manifest),
  }
}

interface Fetched {
  readonly name: string
  readonly what: string
  readonly from: string | null
  readonly until: string | null
  readonly problem: string | null
}

/** One after the other, so that each gets its own time. */
async function fetchAll(
  store: CollateralStore,
  { items, minimumEvaluation }: Wanted,
  progress: (text: string) => void,
): Promise<readonly Fetched[]> {
  const fetched: Fetched[] = []
  const open = [...items]
  for (const item of open) {
    progress(describeItem(item))
    const { content, problem } = await store.find(item, "refresh")
    const standing = content && findStanding(item, content)
    fetched.push(describeFetched(item, problem, standing))
    // What Intel serves as the standard may be older than what the manifest demands; that is served by its number.
    const isStandard = (item.kind === "tcb-info" || item.kind === "qe-identity") && item.evaluation === undefined
    if (isStandard && standing !== undefined && standing.evaluation < minimumEvaluation) {
      open.push({ ...item, evaluation: minimumEvaluation })
    }
  }
  return fetched
}

function describeFetched(item: Item, problem: string | undefined, standing: Standing | undefined): Fetched {
  const { from, until } = standing ?? {}
  return {
    name: itemName(item),
    what: describeItem(item),
    from: from?.toISOString() ?? null,
    until: until?.toISOString() ?? null,
    problem: problem ?? null,
  }
}

/** What is kept counts only if its vendor signed it: a forgery there must not keep the real one out. */
async function isNews(cache: Cache, { item, content }: Entry, roots: TrustRoots): Promise<boolean> {
  const known = await cache.read(item)
  const isSigned = known !== undefined && isFromVendor(item, known.content, roots)
  const standing = isSigned ? findStanding(item, known.content) : undefined
  const candidate = findStanding(item, content)
  return candidate !== undefined && (standing === undefined || !isOlder(item, candidate, standing))
}

function parseFmspc(text: string): Uint8Array {
  if (/^[0-9a-f]{12}$/i.test(text)) return decodeHex(text)
  throw new CliError("USAGE", `expected 12 hexadecimal digits as --fmspc, got "${text}"`)
}
