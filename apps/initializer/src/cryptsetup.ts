/** Runs cryptsetup with the arguments of luks.ts. */
import { mkdir } from "node:fs/promises"
import { InitializerError } from "./error.ts"
import { closeArguments, formatArguments, mappingPath, openArguments } from "./luks.ts"
import { failureOf, type ProgramCall, requireProgram, runProgram } from "./program.ts"

// cryptsetup keeps its locks here and does not make the folder itself.
const LOCK_FOLDER = "/run/cryptsetup"

// A key slot is made to cost about two seconds; everything else is quick, but the disk may not be.
const KEY_TIMEOUT_MS = 5 * 60_000
const CLOSE_TIMEOUT_MS = 60_000

const ADVICE =
  "the container must be privileged and have 10 MiB of memory for argon2id, the guest's kernel needs dm-crypt, dm-integrity, " +
  "xts(aes) and hmac(sha256), and the device must be writable"

// As of cryptsetup(8), return codes.
const WRONG_KEY = 2
const NO_DEVICE = 4
const IN_USE = 5

export interface LuksVolume {
  readonly device: string
  /** The file that holds the only header used, in memory. */
  readonly headerFile: string
  /** The name of the mapping. */
  readonly mapping: string
  /** The key, secret. */
  readonly key: Uint8Array
}

/**
 * Makes a new volume whose header exists in the header file alone; the device's first 16 MiB stay as they are.
 *
 * @throws {@link InitializerError} `PROGRAM_…`.
 */
export async function formatLuks({ device, headerFile, key }: LuksVolume): Promise<void> {
  await mkdir(LOCK_FOLDER, { recursive: true, mode: 0o755 })
  requireProgram(cryptsetup(formatArguments(device, headerFile), KEY_TIMEOUT_MS, key))
}

/**
 * Opens a volume and returns the path of its mapping.
 *
 * @throws {@link InitializerError} `VOLUME_FOREIGN_SECRET` or `PROGRAM_…`.
 */
export async function openLuks({ device, headerFile, mapping, key }: LuksVolume): Promise<string> {
  await mkdir(LOCK_FOLDER, { recursive: true, mode: 0o755 })
  const call = cryptsetup(openArguments(device, headerFile, mapping), KEY_TIMEOUT_MS, key)
  const result = runProgram(call)
  if (result.exitCode === WRONG_KEY) {
    throw new InitializerError(
      "VOLUME_FOREIGN_SECRET",
      `the volume on ${device} is keyed by another workload secret: the workload secret ID in the manifest or the Coordinator's seed ` +
        "is not the one it was made with, or its header was changed; set the former workload secret ID again to read it",
    )
  }
  if (result.exitCode !== 0) throw failureOf(call, result)
  return mappingPath(mapping)
}

/**
 * Closes a volume, if it is open; gives the error that says so if somebody still uses it.
 *
 * @throws {@link InitializerError} `PROGRAM_…`.
 */
export function tryClose(mapping: string): InitializerError | undefined {
  const call = cryptsetup(closeArguments(mapping), CLOSE_TIMEOUT_MS)
  const result = runProgram(call)
  if (result.exitCode === 0 || result.exitCode === NO_DEVICE) return undefined
  const failure = failureOf(call, result)
  if (result.exitCode === IN_USE) return failure
  throw failure
}

function cryptsetup(args: readonly string[], timeoutMs: number, input?: Uint8Array): ProgramCall {
  return { file: "cryptsetup", arguments: args, timeoutMs, advice: ADVICE, ...(input !== undefined && { input }) }
}
