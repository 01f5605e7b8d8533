/** Stryker plugin: what errors say is for people. Callers decide on codes, so tests need not pin every wording. */
export const strykerPlugins = [{ kind: "Ignore", name: "error-messages", value: { shouldIgnore } }]

/** The code comes first in our errors; those of the language begin with the message. */
function shouldIgnore(path) {
  const name = path.parentPath?.isNewExpression() ? path.parentPath.node.callee.name : undefined
  if (path.listKey !== "arguments" || name === undefined || !name.endsWith("Error")) return undefined
  const first = ["Error", "RangeError", "TypeError"].includes(name) ? 0 : 1
  return path.key >= first ? "message or cause of an error" : undefined
}
