/** The code that a call was refused with. */
export function codeOf(act: () => unknown): string | undefined {
  try {
    act()
  } catch (error) {
    return codeIn(error)
  }
  throw new Error("expected a refusal, got none")
}

/** The code that a promise was refused with. */
export async function codeOfAsync(act: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await act()
  } catch (error) {
    return codeIn(error)
  }
  throw new Error("expected a refusal, got none")
}

function codeIn(error: unknown): string | undefined {
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : undefined
}
