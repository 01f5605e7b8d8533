import { BinaryReader, WireType } from "@bufbuild/protobuf/wire"
import { SetManifestRequest, UserAPIService } from "./gen/userapi.ts"

const POLICIES = 2

/** There are three, each once; later versions may have more. */
const MAX_OTHER_FIELDS = 32

/** What has no manifest in it is a few hundred bytes. */
const SMALL_REQUEST_BYTES = 4096

/**
 * UserAPI as servers offer it. A request with too many fields is not decoded, which fails the call: an empty policy takes two
 * bytes on the wire, and fifty times as many in memory. Methods whose requests are small state so as `maxRequestBytes`.
 */
export function boundedUserApi(maxPolicies: number): typeof UserAPIService {
  const requestDeserialize = (bytes: Buffer): SetManifestRequest => {
    checkFields(bytes, maxPolicies)
    return SetManifestRequest.decode(bytes)
  }
  return {
    setManifest: { ...UserAPIService.setManifest, requestDeserialize },
    getManifests: withSmallRequests(UserAPIService.getManifests),
    recover: withSmallRequests(UserAPIService.recover),
  }
}

/** Looks at the tags alone, and at no more of them than are allowed. */
function checkFields(bytes: Uint8Array, maxPolicies: number): void {
  const reader = new BinaryReader(bytes)
  let policies = 0
  let others = 0
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag()
    if (field === POLICIES) policies += 1
    else others += 1
    if (policies > maxPolicies) throw new RangeError(`expected at most ${maxPolicies} policies`)
    if (others > MAX_OTHER_FIELDS) throw new RangeError(`expected at most ${MAX_OTHER_FIELDS} fields besides policies`)
    // A group would have to be read through for its end, however many fields are in it.
    if (type === WireType.StartGroup) throw new RangeError("expected no groups")
    reader.skip(type, field)
  }
}

function withSmallRequests<Method>(method: Method): Method & { readonly maxRequestBytes: number } {
  return { ...method, maxRequestBytes: SMALL_REQUEST_BYTES }
}
