/** The code of the error that an act throws, or undefined when it does not throw. */
export function codeOf(act: () => unknown): unknown {
  try {
    act()
    return undefined
  } catch (error) {
    return typeof error === "object" && error !== null && "code" in error ? error.code : error
  }
}

/** The text of the error that an act throws, or undefined when it does not throw. */
export function messageOf(act: () => unknown): string | undefined {
  try {
    act()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
