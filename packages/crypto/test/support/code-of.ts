/** The code of the error that an act throws; `undefined` when it does not throw, the error itself when it has no code. */
export function codeOf(act: () => unknown): unknown {
  try {
    act()
    return undefined
  } catch (error) {
    return typeof error === "object" && error !== null && "code" in error ? error.code : error
  }
}

/** The message of the error that an act throws. */
export function messageOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    if (typeof error === "object" && error !== null && "message" in error) {
      return String(error.message)
    }
  }
  return ""
}
