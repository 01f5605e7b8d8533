import { ManifestError, type ManifestErrorCode, type ManifestProblem } from "../../src/index.ts"

/** Everything that the call is refused for; nothing if it is not. */
export function problemsOf(call: () => unknown): readonly ManifestProblem[] {
  try {
    call()
    return []
  } catch (error) {
    return asManifestError(error).problems
  }
}

/** Why the call is refused: code and path of each problem, in their order. */
export function refusalsOf(call: () => unknown): readonly (readonly [ManifestErrorCode, string])[] {
  return problemsOf(call).map(({ code, path }) => [code, path])
}

/** The error that the promise is rejected with. */
export async function rejectionOf(promise: Promise<unknown>): Promise<ManifestError> {
  try {
    await promise
  } catch (error) {
    return asManifestError(error)
  }
  throw new Error("expected a refusal")
}

function asManifestError(error: unknown): ManifestError {
  if (error instanceof ManifestError) return error
  throw error
}
