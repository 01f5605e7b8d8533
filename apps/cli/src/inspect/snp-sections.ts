import {
  abiVersionOf,
  describeTcbVersion,
  GUEST_POLICY_FLAGS,
  parseReport,
  parseVekExtensions,
  PLATFORM_INFO_FLAGS,
  productLineOf,
  type ProductLine,
  type SnpDocument,
  type SnpReport,
  tcbOf,
} from "@contrast/attestation"
import { type Certificate, encodeHex, parseCertificate } from "@contrast/crypto"
import { certificateFields } from "./certificate-fields.ts"
import { type Field, flagField, type Section } from "./section.ts"

/** Explains an SEV-SNP report and the certificates that came with it. */
export function snpSections(parts: Partial<SnpDocument> & Pick<SnpDocument, "report">): readonly Section[] {
  const report = parseReport(parts.report)
  const leaf = readLeaf(report.signingKey === "VLEK" ? parts.vlek : parts.vcek)
  const line = productLineOf(report) ?? (leaf && parseVekExtensions(leaf)?.line)
  return [
    { name: "report", title: "SEV-SNP report", fields: identityFields(report, line) },
    { name: "launch", title: "What was launched", fields: launchFields(report) },
    { name: "policy", title: "Guest policy: what the host may do", fields: policyFields(report) },
    { name: "platformInfo", title: "Platform", fields: platformFields(report) },
    { name: "tcb", title: "Firmware", fields: tcbFields(report, line) },
    ...(leaf ? [{ name: "leaf", title: "Certificate of the signing key", fields: leafFields(leaf) }] : []),
  ]
}

function identityFields(report: SnpReport, line: ProductLine | undefined): readonly Field[] {
  const { family, model, stepping } = report.cpuid
  const cpuid = `family ${family.toString(16)}h, model ${model.toString(16)}h, stepping ${stepping}`
  return [
    { name: "version", value: String(report.version) },
    { name: "productLine", value: line ?? "not stated", ...(report.version >= 3 && { note: cpuid }) },
    { name: "signingKey", value: report.signingKey ?? "none" },
    { name: "maskChipKey", value: report.maskChipKey ? "yes" : "no" },
    { name: "vmpl", value: String(report.vmpl), note: "privilege level that asked; 0 is the highest" },
    { name: "reportData", value: encodeHex(report.reportData), note: "binds the report to one session and key" },
    { name: "hostData", value: encodeHex(report.hostData), note: "hash of the policy" },
    { name: "chipId", value: encodeHex(report.chipId), note: "tells this machine from others" },
    { name: "reportId", value: encodeHex(report.reportId) },
    { name: "reportIdMa", value: encodeHex(report.reportIdMa), note: "all ff: no migration agent" },
  ]
}

function launchFields(report: SnpReport): readonly Field[] {
  return [
    { name: "measurement", value: encodeHex(report.measurement), note: "TrustedMeasurement" },
    { name: "guestSvn", value: String(report.guestSvn) },
    { name: "familyId", value: encodeHex(report.familyId) },
    { name: "imageId", value: encodeHex(report.imageId) },
    { name: "idKeyDigest", value: encodeHex(report.idKeyDigest) },
    flagField("authorKeyEnabled", report.authorKeyEnabled),
    { name: "authorKeyDigest", value: encodeHex(report.authorKeyDigest) },
    { name: "launchMitigationVector", value: String(report.launchMitigationVector) },
    { name: "currentMitigationVector", value: String(report.currentMitigationVector) },
  ]
}

function policyFields({ policy }: SnpReport): readonly Field[] {
  const { major, minor } = abiVersionOf(policy)
  return [
    { name: "bits", value: `0x${policy.toString(16)}` },
    { name: "abi", value: `${major}.${minor}`, note: "ABIMajor, ABIMinor" },
    ...flagFields(policy, GUEST_POLICY_FLAGS),
  ]
}

function platformFields({ platformInfo }: SnpReport): readonly Field[] {
  return [{ name: "bits", value: `0x${platformInfo.toString(16)}` }, ...flagFields(platformInfo, PLATFORM_INFO_FLAGS)]
}

function flagFields(bits: bigint, flags: typeof GUEST_POLICY_FLAGS | typeof PLATFORM_INFO_FLAGS): readonly Field[] {
  return flags.map(({ name, manifestKey, bit }) => flagField(name, ((bits >> bit) & 1n) === 1n, manifestKey))
}

function tcbFields(report: SnpReport, line: ProductLine | undefined): readonly Field[] {
  const versions = (["reported", "current", "committed", "launch"] as const).map((name) => {
    const version = tcbOf(report, name, line ?? "Milan")
    const value = version ? describeTcbVersion(version) : encodeHex(report.tcb[name])
    return { name: `${name}Tcb`, value, ...(line === undefined && { note: "read as of Milan or Genoa" }) }
  })
  return [
    ...versions,
    { name: "currentFirmware", value: report.currentFirmware.join(".") },
    { name: "committedFirmware", value: report.committedFirmware.join(".") },
  ]
}

function leafFields(leaf: Certificate): readonly Field[] {
  const extensions = parseVekExtensions(leaf)
  return [
    ...certificateFields(leaf),
    ...(extensions
      ? [
          { name: "productName", value: extensions.productName },
          {
            name: "tcb",
            value: describeTcbVersion({ bootloader: 0, tee: 0, snp: 0, microcode: 0, ...extensions.tcb }),
          },
          { name: "hardwareId", value: extensions.hardwareId ? encodeHex(extensions.hardwareId) : "none" },
          { name: "provider", value: extensions.cspId ?? "none" },
        ]
      : [{ name: "extensions", value: "unreadable" }]),
  ]
}

function readLeaf(der: Uint8Array | undefined): Certificate | undefined {
  if (der === undefined || der.length === 0) return undefined
  try {
    return parseCertificate(der)
  } catch {
    return undefined
  }
}
