import { type Certificate } from "@contrast/crypto"
import { Checklist } from "../checklist.ts"
import { checkAuthenticity } from "./authenticity.ts"
import { findCertificate } from "./certificate-bytes.ts"
import type { SnpCode } from "./codes.ts"
import { checkForm } from "./form.ts"
import { parseReport, REPORT_BYTES } from "./report.ts"
import { CRL_CODES } from "./revocation.ts"
import { amdRoots, type AmdRoots } from "./roots.ts"
import { parseVekExtensions } from "./vek.ts"

/** What may vouch for a report, in DER. It comes from whoever runs the machine. */
export interface EndorsementCandidates {
  readonly vcek: Uint8Array | undefined
  readonly vlek: Uint8Array | undefined
  readonly crl: Uint8Array | undefined
}

/** What the candidates are judged by. */
export interface EndorsementContext {
  readonly now: Date
  /** Trust roots. The default is what AMD publishes; no program passes another. */
  readonly roots?: AmdRoots
}

/** No candidate vouches for the report; verifiers then have to find what does. */
const NOTHING: EndorsementCandidates = { vcek: undefined, vlek: undefined, crl: undefined }

/**
 * The candidates that a verifier would accept for the report: the leaf whose key signed it, and a current revocation
 * list. Anything else would only get evidence refused that is good without it.
 */
export function selectEndorsements(
  report: Uint8Array,
  { vcek, vlek, crl }: EndorsementCandidates,
  { now, roots = amdRoots() }: EndorsementContext,
): EndorsementCandidates {
  const leaves = { VCEK: findCertificate(vcek), VLEK: findCertificate(vlek) }
  const kind = report.length === REPORT_BYTES ? parseReport(report).signingKey : undefined
  const leaf = kind && leaves[kind]
  if (leaf === undefined) return NOTHING
  const failed = findFailures(report, { leaf, crl }, { now, roots })
  if (failed.some((id) => !CRL_CODES.includes(id))) return NOTHING
  return {
    vcek: kind === "VCEK" ? vcek : undefined,
    vlek: kind === "VLEK" ? vlek : undefined,
    crl: failed.length === 0 ? crl : undefined,
  }
}

function findFailures(
  bytes: Uint8Array,
  { leaf, crl }: { readonly leaf: Certificate; readonly crl: Uint8Array | undefined },
  context: Required<EndorsementContext>,
): readonly SnpCode[] {
  const list = new Checklist<SnpCode>()
  const report = checkForm(list, bytes, parseVekExtensions(leaf))
  if (report) checkAuthenticity(list, report, { leaf, authorities: [], crl, problems: [] }, context)
  return list.checks.filter(({ outcome }) => outcome === "fail").map(({ id }) => id)
}
