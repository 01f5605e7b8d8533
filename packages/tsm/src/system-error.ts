/** Errors of the system after which the same request may succeed: the host is asked, and throttles. */
const PASSING: readonly string[] = ["EBUSY", "EINTR", "EAGAIN", "ETIMEDOUT"]

const MEANINGS: Readonly<Record<string, string>> = {
  EACCES: "not permitted; the directory belongs to root",
  EPERM: "not permitted; the directory belongs to root",
  EINVAL: "wrong size of report data, or a privilege level that this guest may not ask for",
  EFBIG: "the answer is larger than the kernel lets it be",
  ENXIO: "no provider: neither sev-guest nor tdx-guest is loaded",
  ENOENT: "no provider: neither sev-guest nor tdx-guest is loaded",
  EIO: "the host or its quoting service failed",
}

/** The code of a system error, for example `EBUSY`. */
export function systemCodeOf(error: unknown): string | undefined {
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : undefined
}

/** Whether the same request may succeed later. */
export function isPassing(error: unknown): boolean {
  return PASSING.includes(systemCodeOf(error) ?? "")
}

/** What a system error means here, for people. */
export function describeSystemError(error: unknown): string {
  const code = systemCodeOf(error) ?? "an unexpected error"
  const meaning = MEANINGS[code]
  return meaning === undefined ? code : `${code} (${meaning})`
}
