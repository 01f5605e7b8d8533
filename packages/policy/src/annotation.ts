import { gunzipSync, gzipSync } from "node:zlib"
import { decodeBase64, encodeBase64 } from "@contrast/crypto"
import { PolicyError } from "./error.ts"
import { MAX_INITDATA_BYTES } from "./initdata.ts"

/** Pod annotation that carries the initdata document to the runtime. */
export const INITDATA_ANNOTATION = "io.katacontainers.config.hypervisor.cc_init_data"

/** Longest annotation that is written: the API server takes 256 KiB for all annotations of an object together. */
const MAX_WRITTEN_LENGTH = 200 * 1024

/** Longest annotation that is read. */
const MAX_ANNOTATION_LENGTH = 1024 * 1024

// RFC 1952 §2.3.1: the byte that names the operating system; 255 is "unknown".
const GZIP_OS_OFFSET = 9
const GZIP_OS_UNKNOWN = 255

/**
 * Packs an initdata document for {@link INITDATA_ANNOTATION}: base64 of gzip, without time or host in it.
 * Builds of zlib may pack differently, so compare documents, never annotations.
 *
 * @throws {@link PolicyError} `POLICY_SIZE` when the annotation would be longer than 200 KiB.
 */
export function encodeAnnotation(toml: Uint8Array): string {
  const packed = new Uint8Array(gzipSync(toml, { level: 9 }))
  packed[GZIP_OS_OFFSET] = GZIP_OS_UNKNOWN
  const annotation = encodeBase64(packed)
  if (annotation.length > MAX_WRITTEN_LENGTH) {
    const sizes = `${toml.length} bytes of initdata make ${annotation.length} characters`
    throw new PolicyError("POLICY_SIZE", `expected an annotation of at most ${MAX_WRITTEN_LENGTH}, but ${sizes}`)
  }
  return annotation
}

/**
 * Unpacks {@link INITDATA_ANNOTATION} into the exact bytes of the initdata document, which are not checked.
 *
 * @throws {@link PolicyError} `ANNOTATION` when it is too long, unpacks to more than 4 MiB, or is no base64 of gzip.
 */
export function decodeAnnotation(annotation: string): Uint8Array {
  if (annotation.length > MAX_ANNOTATION_LENGTH) {
    throw new PolicyError(
      "ANNOTATION",
      `expected at most ${MAX_ANNOTATION_LENGTH} characters, got ${annotation.length}`,
    )
  }
  try {
    return new Uint8Array(gunzipSync(decodeBase64(annotation), { maxOutputLength: MAX_INITDATA_BYTES }))
  } catch (cause) {
    throw new PolicyError("ANNOTATION", `${INITDATA_ANNOTATION} is not base64 of gzip of at most 4 MiB`, { cause })
  }
}
