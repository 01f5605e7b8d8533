import { EVIDENCE_OIDS, type Issuer } from "../evidence.ts"
import { encodeInsecureDocument, HOST_DATA_BYTES } from "./document.ts"

/**
 * An issuer for machines without a TEE: its evidence proves nothing, and only manifests of insecure platforms accept it.
 *
 * @param hostData - Digest of the initdata, 32 bytes: the policy hash that is claimed.
 */
export function createInsecureIssuer({ hostData }: { readonly hostData: Uint8Array }): Issuer {
  if (hostData.length !== HOST_DATA_BYTES) {
    throw new RangeError(`host data must have ${HOST_DATA_BYTES} bytes, got ${hostData.length}`)
  }
  return {
    oid: EVIDENCE_OIDS.insecure,
    issue: (reportData) =>
      Promise.resolve({
        oid: EVIDENCE_OIDS.insecure,
        document: encodeInsecureDocument({ reportData, hostData }),
      }),
  }
}
