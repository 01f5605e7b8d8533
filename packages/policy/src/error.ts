/**
 * Why the package refused an input. All are mended by changing that input:
 * - `YAML`: a Kubernetes file that is no acceptable YAML;
 * - `RESOURCE`: a Kubernetes object that no policy can be made for;
 * - `POLICY_SIZE`: a policy that the agent or the API server would not take;
 * - `ANNOTATION`: an initdata annotation that does not unpack;
 * - `INITDATA`: an initdata document that is not of the known form.
 */
export type PolicyErrorCode = "YAML" | "RESOURCE" | "POLICY_SIZE" | "ANNOTATION" | "INITDATA"

/** One thing that is wrong with an input, and where. */
export interface Problem {
  /** Name of the file, as the caller gave it. */
  readonly file?: string
  /** Counted from 1. */
  readonly line?: number
  readonly column?: number
  /** `kind/name` of the Kubernetes object. */
  readonly resource?: string
  /** Field inside the object (`spec.containers[0].image`); empty for the whole of it. */
  readonly path: string
  readonly message: string
}

/** A refusal by this package; `problems` holds all that was found, in the order of the input. */
export class PolicyError extends Error {
  override readonly name = "PolicyError"
  readonly code: PolicyErrorCode
  readonly problems: readonly Problem[]

  constructor(code: PolicyErrorCode, problems: string | readonly Problem[], options?: ErrorOptions) {
    const list = typeof problems === "string" ? [{ path: "", message: problems }] : problems
    super(list.map(formatProblem).join("\n"), options)
    this.code = code
    this.problems = list
  }
}

/** One line of text: `file: kind/name: path: message`, or `file:line:column: message` where no object is known. */
export function formatProblem(problem: Problem): string {
  const { file, line, column, resource, path, message } = problem
  const place = resource === undefined && line !== undefined ? `${file ?? ""}:${line}:${column ?? 1}` : file
  return [place, resource, path, message].filter((part) => part !== undefined && part !== "").join(": ")
}
