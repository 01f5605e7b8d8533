/**
 * Stryker plugin: what errors say is for people, and so is what a check of evidence says of the two values it compared.
 * Callers decide on codes, so tests need not pin every wording.
 */
export const strykerPlugins = [{ kind: "Ignore", name: "error-messages", value: { shouldIgnore } }]

/** The code comes first in our errors, or is named; those of the language begin with the message. */
function shouldIgnore(path) {
  const isMessage = isProperty(path, "message") || isDeclaration(path, "message") || isArgument(path)
  if (isMessage) return "message or cause of an error"
  return isProperty(path, "expected") || isProperty(path, "actual") ? "words of a check" : undefined
}

function isArgument(path) {
  const name = path.parentPath?.isNewExpression() ? path.parentPath.node.callee.name : undefined
  if (path.listKey !== "arguments" || name === undefined || !name.endsWith("Error")) return false
  return path.key >= (["Error", "RangeError", "TypeError"].includes(name) ? 0 : 1)
}

function isProperty(path, name) {
  return path.parentPath?.isObjectProperty() === true && path.key === "value" && path.parent.key.name === name
}

function isDeclaration(path, name) {
  return path.parentPath?.isVariableDeclarator() === true && path.key === "init" && path.parent.id.name === name
}
