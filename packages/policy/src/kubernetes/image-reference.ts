/** A reference to an image by digest, as pod specs have it. */
export interface ImageReference {
  /** As written. */
  readonly text: string
  /** `sha256:` and 64 hex digits. */
  readonly digest: string
}

// [host[:port]/]path[:tag]@sha256:64hex, as the OCI distribution specification and containerd have it.
const HOST = String.raw`(?:[a-zA-Z0-9.-]+(?::\d{1,5})?\/)?`
const COMPONENT = String.raw`[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*`
const TAG = String.raw`(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?`
const REFERENCE = new RegExp(`^${HOST}${COMPONENT}(?:\\/${COMPONENT})*${TAG}@(?<digest>sha256:[0-9a-f]{64})$`)

const MAX_REFERENCE_LENGTH = 1024

/** Reads an image reference that names a digest; a tag beside it says nothing. */
export function parseImageReference(text: string): ImageReference | undefined {
  const match = text.length <= MAX_REFERENCE_LENGTH ? REFERENCE.exec(text) : null
  const digest = match?.groups?.["digest"]
  return digest === undefined ? undefined : { text, digest }
}
