/** The agent reads lines below 64 KiB; its engine as it comes, without the agent's settings, reads 1024 columns. */
const MAX_LINE_LENGTH = 64 * 1024
const COMMON_LINE_LENGTH = 1024
const MAX_POLICY_LENGTH = 1024 * 1024
const MAX_PATTERN_LENGTH = 1024

/** What is wrong, and what may turn out wrong, with the size of a policy. */
export interface PolicySize {
  readonly refusals: readonly string[]
  readonly warnings: readonly string[]
}

/** Measures the text of a policy. */
export function measurePolicy(rego: string): PolicySize {
  const lines = rego.split("\n").map((line) => ({ name: nameOf(line), length: byteLength(line), line }))
  const tooLong = lines.filter(({ length }) => length >= MAX_LINE_LENGTH)
  const patterns = lines.filter(({ line, length }) => length > MAX_PATTERN_LENGTH && isPattern(line))
  const total = byteLength(rego)
  return {
    refusals: [
      ...tooLong.map(
        ({ name, length }) => `${name} takes ${length} bytes of the policy, the agent reads ${MAX_LINE_LENGTH}`,
      ),
      ...patterns.map(({ name }) => `the pattern for ${name} is longer than ${MAX_PATTERN_LENGTH} bytes`),
      ...(total >= MAX_POLICY_LENGTH ? [`the policy has ${total} bytes, the limit is ${MAX_POLICY_LENGTH}`] : []),
    ],
    warnings: lines
      .filter(({ length }) => length > COMMON_LINE_LENGTH)
      .map(({ name, length }) => `${name} takes ${length} bytes of the policy; some agents read ${COMMON_LINE_LENGTH}`),
  }
}

/** What a line of the document is about: its key. The value may be a secret. */
function nameOf(line: string): string {
  return /^ *"((?:[^"\\]|\\.){1,64})": /.exec(line)?.[1] ?? "an argument"
}

function isPattern(line: string): boolean {
  return /"\^.*\$",?$/.test(line)
}

function byteLength(text: string): number {
  return Buffer.byteLength(text, "utf8")
}
