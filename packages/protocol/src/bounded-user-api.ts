import { BinaryReader } from "@bufbuild/protobuf/wire"
import { SetManifestRequest, UserAPIService } from "./gen/userapi.ts"

const POLICIES = 2

/**
 * UserAPI as servers offer it: a request with too many policies is not decoded, which fails the call. An empty policy takes two
 * bytes on the wire, and fifty times as many in memory.
 */
export function boundedUserApi(maxPolicies: number): typeof UserAPIService {
  const requestDeserialize = (bytes: Buffer): SetManifestRequest => {
    if (countFields(bytes, POLICIES) > maxPolicies) throw new RangeError(`expected at most ${maxPolicies} policies`)
    return SetManifestRequest.decode(bytes)
  }
  return { ...UserAPIService, setManifest: { ...UserAPIService.setManifest, requestDeserialize } }
}

/** Looks at the tags alone. */
function countFields(bytes: Uint8Array, wanted: number): number {
  const reader = new BinaryReader(bytes)
  let count = 0
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag()
    if (field === wanted) count += 1
    reader.skip(type, field)
  }
  return count
}
