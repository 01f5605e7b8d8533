import { CliError, type CliErrorCode } from "./error.ts"

/** The code that Node gives to a refusal of the system, such as `ENOENT`. */
export function systemCode(error: unknown): string | undefined {
  return typeof error === "object" && error !== null && "code" in error && typeof error.code === "string"
    ? error.code
    : undefined
}

interface Refusal {
  readonly code: CliErrorCode
  readonly why: string
  readonly hint: string
}

const MISSING: Refusal = { code: "FILE_NOT_FOUND", why: "no such file or folder", hint: "check the path" }
const WRONG_KIND: Refusal = { code: "FILE_ACCESS", why: "not a file, or not in a folder", hint: "check the path" }
const NO_PATH: Refusal = { code: "FILE_ACCESS", why: "the path leads nowhere", hint: "check the path" }
const UNREAD: Refusal = {
  code: "FILE_ACCESS",
  why: "nothing reads from it",
  hint: "see why the program at its other end has stopped",
}
const DENIED: Refusal = {
  code: "FILE_ACCESS",
  why: "permission denied",
  hint: "check the owner and mode of the file and its folder",
}
const FULL: Refusal = { code: "FILE_FULL", why: "the disk is full", hint: "make room and run the command again" }
const TOO_MANY: Refusal = {
  code: "FILE_ACCESS",
  why: "too many files are open",
  hint: "raise the limit (ulimit -n) and run the command again",
}
const BROKEN: Refusal = { code: "FILE_ACCESS", why: "the system failed", hint: "check the disk and try again" }

const REFUSALS: ReadonlyMap<string | undefined, Refusal> = new Map([
  ["ENOENT", MISSING],
  ["EISDIR", WRONG_KIND],
  ["ENOTDIR", WRONG_KIND],
  ["EEXIST", WRONG_KIND],
  ["ENXIO", WRONG_KIND],
  ["EPIPE", UNREAD],
  ["ELOOP", NO_PATH],
  ["ENAMETOOLONG", NO_PATH],
  ["EACCES", DENIED],
  ["EPERM", DENIED],
  ["EROFS", DENIED],
  ["ENOSPC", FULL],
  ["EDQUOT", FULL],
  ["EFBIG", FULL],
  ["EIO", BROKEN],
  ["EMFILE", TOO_MANY],
  ["ENFILE", TOO_MANY],
])

/** Turns a refusal of the file system into one of ours; anything else is handed back as it is. */
export function fileError(action: string, path: string, cause: unknown): unknown {
  const refusal = REFUSALS.get(systemCode(cause))
  if (refusal === undefined) return cause
  const { code, why, hint } = refusal
  return new CliError(code, `cannot ${action} ${path}: ${why}`, { cause, hint })
}
