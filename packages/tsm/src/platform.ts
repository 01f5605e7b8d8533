import { randomUUID } from "node:crypto"
import path from "node:path"
import { TsmError } from "./error.ts"
import { PROVIDERS, readProvider, type TsmPlatform } from "./provider.ts"
import { describeSystemError } from "./system-error.ts"
import { SYSTEM_FILES, type TsmFiles } from "./tsm-files.ts"

/** Where Linux (6.7 and later) hands out evidence. */
export const TSM_DIRECTORY = "/sys/kernel/config/tsm/report"

/** Where the platform is looked for. */
export interface PlatformSearch {
  /** The default is {@link TSM_DIRECTORY}. */
  readonly directory?: string
  readonly files?: TsmFiles
}

/**
 * The platform that this guest runs on, by who answers in the kernel's interface.
 *
 * @throws {@link TsmError} `NO_PLATFORM`, which lists each place that was looked at, and what was there.
 */
export async function detectPlatform({
  directory = TSM_DIRECTORY,
  files = SYSTEM_FILES,
}: PlatformSearch = {}): Promise<TsmPlatform> {
  const found: string[] = []
  // From the mount point of configfs down, so that the first place missing tells what to do.
  for (const place of [path.dirname(path.dirname(directory)), directory]) {
    const isThere = await files.exists(place)
    found.push(`${place}: ${isThere ? "found" : "not found"}`)
    if (!isThere) throw noPlatform(found)
  }
  const entry = path.join(directory, `contrast-${randomUUID()}`)
  try {
    await files.makeDirectory(entry)
  } catch (cause) {
    throw noPlatform([...found, `an entry in ${directory}: ${describeSystemError(cause)}`], cause)
  }
  try {
    const { name, platform } = await readProvider(files, entry)
    if (platform !== undefined) return platform
    throw noPlatform([...found, `provider: ${JSON.stringify(name)}, expected ${PROVIDERS.join(" or ")}`])
  } catch (cause) {
    if (cause instanceof TsmError) throw cause
    throw noPlatform([...found, `${entry}/provider: ${describeSystemError(cause)}`], cause)
  } finally {
    // An entry that stays behind does no harm; what was found counts, and so does why nothing was.
    await files.removeDirectory(entry).catch(() => undefined)
  }
}

function noPlatform(found: readonly string[], cause?: unknown): TsmError {
  const message = `found neither SEV-SNP nor TDX; looked at ${found.join(", ")}`
  return new TsmError("NO_PLATFORM", message, cause === undefined ? undefined : { cause })
}
