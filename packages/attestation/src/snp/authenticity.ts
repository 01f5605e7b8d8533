import { encodeHex, equalBytes, type Certificate } from "@contrast/crypto"
import type { Checklist } from "../checklist.ts"
import { isAmdAlgorithm, verifyAmdSignature } from "./amd-signature.ts"
import { AUTHENTICITY_CODES, type SnpCode } from "./codes.ts"
import { parseRevocationList, serialText, type RevocationList } from "../crl.ts"
import type { ProductLine } from "./product-line.ts"
import { productLineOf, tcbOf, type SigningKey, type SnpReport } from "./report.ts"
import type { AmdAuthorities, AmdRoots } from "./roots.ts"
import { readSignature, verifyReportSignature } from "./signature.ts"
import { describeTcbVersion, tcbParts } from "./tcb-version.ts"
import { identifies, isVekOf, parseVekExtensions, type VekExtensions } from "./vek.ts"

/** What vouches for a report. All of it comes from outside and is verified here. */
export interface SnpEndorsements {
  /** The VCEK or VLEK certificate. */
  readonly leaf: Certificate | undefined
  /** Authorities that came with the evidence; they must be ours. */
  readonly authorities: readonly Certificate[]
  /** AMD's revocation list, DER. */
  readonly crl: Uint8Array | undefined
  /** Why something is absent, for people. */
  readonly problems?: readonly string[]
}

interface Inputs {
  readonly list: Checklist<SnpCode>
  readonly report: SnpReport
  readonly kind: SigningKey
  readonly now: Date
}

const CHAIN_CODES: readonly SnpCode[] = ["SNP_VEK_ISSUER", "SNP_VEK_SIGNATURE"]
/** What is checked of the revocation list. */
export const CRL_CODES: readonly [missing: SnpCode, form: SnpCode, ...rest: SnpCode[]] = [
  "SNP_CRL_MISSING",
  "SNP_CRL_FORM",
  "SNP_CRL_ISSUER",
  "SNP_CRL_SIGNATURE",
  "SNP_CRL_VALIDITY",
  "SNP_CA_REVOKED",
  "SNP_VEK_REVOKED",
]

/**
 * Checks that AMD vouches for the report: leaf, authorities, revocation, signature.
 *
 * @returns the product line, if it is known.
 */
export function checkAuthenticity(
  list: Checklist<SnpCode>,
  report: SnpReport,
  kind: SigningKey,
  endorsements: SnpEndorsements,
  { roots, now }: { readonly roots: AmdRoots; readonly now: Date },
): ProductLine | undefined {
  const { leaf } = endorsements
  if (
    !list.check("SNP_VEK_MISSING", {
      subject: "leaf",
      passed: leaf !== undefined,
      expected: kind,
      actual: leaf ? "present" : describeAbsence(endorsements),
    }) ||
    leaf === undefined
  ) {
    list.skip(AUTHENTICITY_CODES.slice(1), "SNP_VEK_MISSING")
    return productLineOf(report)
  }
  const inputs: Inputs = { list, report, kind, now }
  const extensions = parseVekExtensions(leaf)
  const line = productLineOf(report) ?? extensions?.line
  checkLeafForm(inputs, leaf, extensions)
  checkChain(inputs, leaf, endorsements, line && roots[line], line)
  checkLeafClaims(inputs, leaf, extensions, line)
  checkReportSignature(inputs, leaf)
  return line
}

function checkLeafForm({ list, kind }: Inputs, leaf: Certificate, extensions: VekExtensions | undefined): void {
  list.check("SNP_VEK_FORM", {
    subject: "leaf",
    passed: isVekOf(kind, leaf),
    expected: `SEV-${kind} with a key on P-384, signed with RSASSA-PSS and SHA-384`,
    actual: leaf.subjectCommonName ?? "no name",
  })
  list.check("SNP_VEK_EXTENSIONS", {
    subject: "leaf.extensions",
    passed: extensions !== undefined && identifies(kind, extensions),
    expected: kind === "VCEK" ? "every part of the TCB and a hardware id" : "every part of the TCB and a provider",
    actual: extensions === undefined ? "missing, ill-typed or critical" : describeIdentity(extensions),
  })
}

function describeIdentity({ hardwareId, cspId }: VekExtensions): string {
  return (
    [hardwareId && "hardware id", cspId !== undefined && `provider ${cspId}`].filter(Boolean).join(" and ") || "neither"
  )
}

function checkChain(
  inputs: Inputs,
  leaf: Certificate,
  endorsements: SnpEndorsements,
  ours: AmdAuthorities | undefined,
  line: ProductLine | undefined,
): void {
  const { list, kind, now } = inputs
  const foreign = endorsements.authorities.filter(
    ({ der }) =>
      ours === undefined || ![ours.ark, ours.issuers.VCEK, ours.issuers.VLEK].some((own) => equalBytes(own.der, der)),
  )
  const known = list.check("SNP_CA", {
    subject: "authorities",
    passed:
      ours !== undefined && foreign.length === 0 && isValidAt(ours.ark, now) && isValidAt(ours.issuers[kind], now),
    expected: `AMD's authorities for ${line ?? "the product line"}`,
    actual:
      ours === undefined ? "none known" : foreign.length > 0 ? `${foreign.length} other in the evidence` : "known",
  })
  if (!known || ours === undefined) {
    list.skip([...CHAIN_CODES, ...CRL_CODES], "SNP_CA")
    return
  }
  const issuer = ours.issuers[kind]
  list.check("SNP_VEK_ISSUER", {
    subject: "leaf.issuer",
    passed: equalBytes(leaf.issuer, issuer.subject),
    expected: issuer.subjectCommonName ?? "",
    actual: equalBytes(leaf.issuer, issuer.subject) ? (issuer.subjectCommonName ?? "") : "another",
  })
  const signed = verifyAmdSignature(issuer.publicKey, leaf.signedBytes, leaf.signature)
  list.equal("SNP_VEK_SIGNATURE", "leaf.signature", signed ? "good" : "bad", "good")
  checkRevocation(inputs, leaf, endorsements, ours)
}

function checkRevocation(
  { list, kind, now }: Inputs,
  leaf: Certificate,
  endorsements: SnpEndorsements,
  ours: AmdAuthorities,
): void {
  const { crl: der } = endorsements
  const [missing, form, ...rest] = CRL_CODES
  const actual = der === undefined ? describeAbsence(endorsements) : "present"
  if (!list.equal(missing, "crl", actual, "present") || der === undefined) {
    list.skip([form, ...rest], missing)
    return
  }
  const crl = tryParse(der)
  if (!list.equal(form, "crl", crl === undefined ? "unreadable" : "X.509 CRL", "X.509 CRL") || crl === undefined) {
    list.skip(rest, form)
    return
  }
  const fromArk = equalBytes(crl.issuer, ours.ark.subject)
  list.equal("SNP_CRL_ISSUER", "crl.issuer", fromArk ? "the ARK" : "another", "the ARK")
  const signed =
    isAmdAlgorithm(crl.signatureAlgorithm) && verifyAmdSignature(ours.ark.publicKey, crl.signedBytes, crl.signature)
  list.equal("SNP_CRL_SIGNATURE", "crl.signature", signed ? "good" : "bad", "good")
  list.check("SNP_CRL_VALIDITY", {
    subject: "crl.nextUpdate",
    passed: crl.thisUpdate <= now && now <= crl.nextUpdate,
    expected: now.toISOString(),
    actual: `${crl.thisUpdate.toISOString()} to ${crl.nextUpdate.toISOString()}`,
  })
  list.equal("SNP_CA_REVOKED", "issuer.serialNumber", listed(crl, ours.issuers[kind]), "not listed")
  list.equal("SNP_VEK_REVOKED", "leaf.serialNumber", listed(crl, leaf), "not listed")
}

function describeAbsence({ problems = [] }: SnpEndorsements): string {
  return ["absent", ...problems].join("; ")
}

function listed(crl: RevocationList, { serialNumber }: Certificate): "listed" | "not listed" {
  return crl.revoked.has(serialText(serialNumber)) ? "listed" : "not listed"
}

function tryParse(der: Uint8Array): RevocationList | undefined {
  try {
    return parseRevocationList(der)
  } catch {
    return undefined
  }
}

function checkLeafClaims(
  { list, report, kind, now }: Inputs,
  leaf: Certificate,
  extensions: VekExtensions | undefined,
  line: ProductLine | undefined,
): void {
  list.check("SNP_VEK_VALIDITY", {
    subject: "leaf.notAfter",
    passed: isValidAt(leaf, now),
    expected: now.toISOString(),
    actual: `${leaf.notBefore.toISOString()} to ${leaf.notAfter.toISOString()}`,
  })
  if (extensions === undefined || line === undefined) {
    list.skip(["SNP_VEK_PRODUCT", "SNP_VEK_TCB", "SNP_VEK_CHIP_ID"], "SNP_VEK_EXTENSIONS")
    return
  }
  list.equal("SNP_VEK_PRODUCT", "leaf.productName", extensions.productName.split("-")[0] ?? "", line)
  const tcb = tcbOf(report, "reported", line)
  list.check("SNP_VEK_TCB", {
    subject: "leaf.tcb",
    passed:
      tcb !== undefined &&
      tcbParts(line).every((part) => extensions.tcb[part] === tcb[part]) &&
      (line === "Turin") === (extensions.tcb.fmc !== undefined),
    expected: tcb === undefined ? "" : describeTcbVersion(tcb),
    actual: Object.entries(extensions.tcb)
      .map(([part, value]) => `${part} ${value}`)
      .join(", "),
  })
  if (kind === "VCEK") {
    checkChipId(list, report.chipId, extensions.hardwareId)
    return
  }
  const actual = "a VLEK names no chip"
  list.check("SNP_VEK_CHIP_ID", { subject: "leaf.hwId", passed: true, expected: actual, actual })
}

function checkChipId(list: Checklist<SnpCode>, chipId: Uint8Array, hardwareId: Uint8Array | undefined): void {
  const size = hardwareId?.length ?? 0
  const same =
    hardwareId !== undefined &&
    equalBytes(chipId.subarray(0, size), hardwareId) &&
    chipId.subarray(size).every((byte) => byte === 0) &&
    chipId.some((byte) => byte !== 0)
  list.check("SNP_VEK_CHIP_ID", {
    subject: "leaf.hwId",
    passed: same,
    expected: encodeHex(chipId),
    actual: hardwareId === undefined ? "absent" : encodeHex(hardwareId),
  })
}

function checkReportSignature({ list, report }: Inputs, leaf: Certificate): void {
  const signature = readSignature(report)
  list.equal("SNP_SIGNATURE_RANGE", "report.signature", signature ? "in range" : "out of range", "in range")
  if (signature === undefined) {
    list.skip(["SNP_SIGNATURE"], "SNP_SIGNATURE_RANGE")
    return
  }
  const isEc = leaf.publicKey.asymmetricKeyDetails?.namedCurve === "secp384r1"
  const good = isEc && verifyReportSignature(report, signature, leaf.publicKey)
  list.equal("SNP_SIGNATURE", "report.signature", good ? "good" : "bad", "good")
}

function isValidAt({ notBefore, notAfter }: Certificate, now: Date): boolean {
  return notBefore <= now && now <= notAfter
}
