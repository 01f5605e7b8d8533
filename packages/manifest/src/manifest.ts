import { type Codec, blankable, checkedText, excerpt, hexText } from "./codec.ts"
import { encodeGoJson } from "./go-json.ts"
import { parseJson } from "./json.ts"
import { nullableList } from "./list-codec.ts"
import { type PolicyEntry, type PolicyHash, policiesCodec } from "./policy-entry.ts"
import { Problems } from "./problems.ts"
import { type ReferenceValues, referenceValuesCodec } from "./reference-values.ts"
import { defaulted, omitEmpty, optional, required, struct } from "./struct-codec.ts"

/** What a deployment consists of, and who may change it. Its hash is over the bytes it was read from, not over this. */
export interface Manifest {
  readonly policies: ReadonlyMap<PolicyHash, PolicyEntry>
  /** First the entries of `ReferenceValues.snp`, then those of `.tdx`. */
  readonly referenceValues: readonly ReferenceValues[]
  /** PKIX DER of EC public keys in hex, as the manifest has it. None: no further manifest can be set. */
  readonly workloadOwnerPubKeys: readonly string[]
  /** SHA-256 of such keys in hex: the older form, still honoured. */
  readonly workloadOwnerKeyDigests: readonly string[]
  /** PKCS#1 DER of RSA public keys in hex, as the manifest has it. None: nobody can recover. */
  readonly seedshareOwnerPubKeys: readonly string[]
  /** The lowest version of the HTTP API that may be used: `v1`. */
  readonly minimumApiVersion?: string
}

const MAX_OWNERS = 100
/** Enough for RSA with 16,384 bits. */
const MAX_OWNER_KEY_BYTES = 4096
const DIGEST_BYTES = 32

const ownerKeys = nullableList(hexText(1, MAX_OWNER_KEY_BYTES), MAX_OWNERS)
const ownerDigests = nullableList(hexText(DIGEST_BYTES, DIGEST_BYTES), MAX_OWNERS)

const apiVersion = checkedText((version) =>
  /^v(?:0|[1-9]\d{0,3})$/.test(version)
    ? undefined
    : { code: "API_VERSION", message: `expected a version like v1, got ${excerpt(version)}` },
)

const manifestCodec: Codec<Manifest> = struct<Manifest>({
  policies: required("Policies", policiesCodec),
  referenceValues: required("ReferenceValues", referenceValuesCodec),
  workloadOwnerPubKeys: defaulted("WorkloadOwnerPubKeys", ownerKeys, []),
  workloadOwnerKeyDigests: omitEmpty("WorkloadOwnerKeyDigests", ownerDigests, []),
  seedshareOwnerPubKeys: defaulted("SeedshareOwnerPubKeys", ownerKeys, []),
  minimumApiVersion: optional("MinimumAPIVersion", blankable(apiVersion, "")),
})

/**
 * Reads a manifest strictly: every key known, once, in its own spelling, with a value of its type and range.
 *
 * Says nothing about the manifest as a whole; `validateManifest` does. Values that `generate` leaves to be filled
 * in are absent from the result. The bytes are not kept.
 *
 * @param bytes - At most 4 MiB.
 * @throws {@link ManifestError} with every problem, each with code, JSON path, line and column.
 */
export function parseManifest(bytes: Uint8Array): Manifest {
  const { text, root } = parseJson(bytes)
  const problems = new Problems(text)
  const manifest = manifestCodec.read(root, problems)
  problems.throwIfAny()
  // Without a problem there is a manifest.
  return manifest as Manifest
}

/** The bytes of a manifest as `generate` writes it: Go's JSON with two spaces, policies sorted, a line feed at the end. */
export function encodeManifest(manifest: Manifest): Uint8Array {
  return encodeGoJson(manifestCodec.write(manifest))
}
