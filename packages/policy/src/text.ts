import { anchorPattern, escapePattern } from "./pattern.ts"

/** A value of the policy: a text that must be equal, or a pattern for the whole text. */
export type Text = string | { readonly pattern: string }

/** A part of a text: known, or any that fits. */
export type TextPart = string | UnknownText

/** A text that only the cluster knows. */
export interface UnknownText {
  /** Pattern without anchors. */
  readonly unknown: string
  /** Set where a request tells the text elsewhere too, so that both can be compared. */
  readonly is?: "podName" | "namespace"
}

/** Puts parts together: what is known is matched literally in a pattern, and a text without unknowns is a plain one. */
export function joinText(parts: readonly TextPart[]): Text {
  const known = parts.filter((part) => typeof part === "string")
  if (known.length === parts.length) {
    return known.join("")
  }
  const pattern = parts.map((part) => (typeof part === "string" ? escapePattern(part) : part.unknown)).join("")
  return { pattern: anchorPattern(pattern) }
}
