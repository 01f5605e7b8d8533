/** The code of the error that an act throws, undefined when it does not throw; the text of an error without a code. */
export function codeOf(act: () => unknown): string | undefined {
  try {
    act()
    return undefined
  } catch (error) {
    const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined
    return typeof code === "string" ? code : String(error)
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
