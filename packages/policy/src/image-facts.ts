/**
 * What an image's configuration and files say about the process that runs in it (OCI image specification): where the
 * pod spec is silent, the runtime follows these.
 */
export interface ImageFacts {
  /** `User` of the configuration; may be empty. */
  readonly user: string
  /** `Env`, as `NAME=value`. */
  readonly env: readonly string[]
  readonly entrypoint: readonly string[]
  readonly cmd: readonly string[]
  /** `WorkingDir`; may be empty. */
  readonly workingDir: string
  /** `Volumes`: paths that the host would fill. */
  readonly volumes: readonly string[]
  /** `/etc/passwd` and `/etc/group` of the image; empty where it has none. */
  readonly passwd: string
  readonly group: string
}

/** Facts of an image by its reference; undefined when they are not known. */
export type ImageFactsLookup = (reference: string) => ImageFacts | undefined

/** An image that says nothing: what an image of unknown facts is taken for, once the pod spec says the rest. */
export const SILENT_IMAGE: ImageFacts = {
  user: "",
  env: [],
  entrypoint: [],
  cmd: [],
  workingDir: "",
  volumes: [],
  passwd: "",
  group: "",
}
