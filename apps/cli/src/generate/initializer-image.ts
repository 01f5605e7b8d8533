import type { ImageFacts } from "@contrast/policy"

const UNPUBLISHED_DIGEST = `sha256:${"0".repeat(64)}`

/** The image that goes with a release, with digest. The build puts it in, from the variable of that name. */
declare const CONTRAST_INITIALIZER_IMAGE: string | undefined

/**
 * The Initializer that is injected unless `--initializer-image` names another. The zeros of a build that is no release
 * name no image at all.
 */
export const INITIALIZER_IMAGE: string =
  typeof CONTRAST_INITIALIZER_IMAGE === "string"
    ? CONTRAST_INITIALIZER_IMAGE
    : `registry.example/contrast/initializer:0.1.0@${UNPUBLISHED_DIGEST}`

/** What the container file of the Initializer says, for the policy to pin. */
export const INITIALIZER_FACTS: ImageFacts = {
  user: "0:0",
  env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
  entrypoint: ["/usr/local/bin/contrast-initializer"],
  cmd: [],
  workingDir: "/",
  volumes: [],
  passwd: "",
  group: "",
}

/** Whether an image reference can name an image. */
export function isPublished(image: string): boolean {
  return !image.endsWith(UNPUBLISHED_DIGEST)
}
