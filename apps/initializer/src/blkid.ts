/** A second opinion on a device that looks empty: libblkid knows marks in other places, above all those of RAID members. */
import { failureOf, type ProgramCall, runProgram } from "./program.ts"

const TIMEOUT_MS = 60_000

// As of blkid(8), exit codes.
const NOTHING_FOUND = 2
const AMBIVALENT = 8

/** Names the format that blkid finds on a device, if any. @throws {@link InitializerError} `PROGRAM_…`. */
export function probeDevice(device: string): string | undefined {
  const call: ProgramCall = {
    file: "blkid",
    arguments: ["--probe", "--output=export", device], // looks at the device itself, never at a cache
    timeoutMs: TIMEOUT_MS,
    advice: "the Initializer's image needs util-linux",
  }
  const result = runProgram(call)
  if (result.exitCode === NOTHING_FOUND) return undefined
  if (result.exitCode === AMBIVALENT) return "marks of several formats"
  if (result.exitCode !== 0) throw failureOf(call, result)
  return `a format that blkid calls ${parseFormat(result.stdout) ?? "unknown"}`
}

/** The format among what blkid prints as NAME=value, one a line: of the content, else of the partition table. */
export function parseFormat(output: string): string | undefined {
  const find = (name: string) => new RegExp(`^${name}=(.+)$`, "m").exec(output)?.[1]
  return find("TYPE") ?? find("PTTYPE")
}
