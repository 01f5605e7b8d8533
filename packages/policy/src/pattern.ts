/**
 * Regular expressions of the policy. The agent's engine has no Unicode tables, so patterns stay with what Rust, RE2 and
 * JavaScript have in common: literals, ASCII classes, groups, alternatives and counted repetition.
 */

/** A pattern that matches this text and nothing else, without anchors. */
export function escapePattern(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, "\\$&")
}

/** The pattern for a whole text. */
export function anchorPattern(pattern: string): string {
  return `^${pattern}$`
}
