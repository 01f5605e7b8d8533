import {
  type EnclaveReport,
  parsePckChain,
  parseSgxExtension,
  parseTdxQuote,
  type PckChain,
  type SgxExtension,
  type TdReport,
  type TdxQuote,
} from "@contrast/attestation"
import { encodeHex } from "@contrast/crypto"
import { certificateFields } from "./certificate-fields.ts"
import { type Field, flagField, type Section } from "./section.ts"

/** Names of bits, by the number of the bit (TDX Module ABI, "ATTRIBUTES" and "XFAM"). */
type BitNames = readonly (readonly [bit: number, name: string])[]

const TD_ATTRIBUTES: BitNames = [
  [0, "DEBUG"],
  [4, "HGS_PLUS_PROF"],
  [5, "PERF_PROF"],
  [6, "PMT_PROF"],
  [16, "ICSSD"],
  [27, "LASS"],
  [28, "SEPT_VE_DISABLE"],
  [29, "MIGRATABLE"],
  [30, "PKS"],
  [31, "KL"],
  [62, "TPA"],
  [63, "PERFMON"],
]
const XFAM: BitNames = [
  [0, "x87"],
  [1, "SSE"],
  [2, "AVX"],
  [5, "AVX-512 opmask"],
  [6, "AVX-512 upper halves"],
  [7, "AVX-512 upper registers"],
  [8, "PT"],
  [9, "PKRU"],
  [11, "CET_U"],
  [12, "CET_S"],
  [14, "ULI"],
  [15, "LBR"],
  [17, "AMX configuration"],
  [18, "AMX data"],
]

/**
 * Explains a TDX quote and the certificates inside.
 *
 * @throws TdxQuoteError if it cannot be read.
 */
export function tdxSections(bytes: Uint8Array): readonly Section[] {
  const quote = parseTdxQuote(bytes)
  const chain = parsePckChain(quote.pckChain)
  const platform = chain && parseSgxExtension(chain.leaf)
  return [
    { name: "quote", title: "Quote", fields: headerFields(quote) },
    quote.body.kind === "td"
      ? { name: "td", title: "Trust domain", fields: tdFields(quote.body) }
      : { name: "enclave", title: "SGX enclave (no TDX: refused)", fields: enclaveFields(quote.body) },
    { name: "quotingEnclave", title: "Quoting enclave", fields: enclaveFields(quote.qeReport) },
    ...(platform
      ? [{ name: "platform", title: "Platform, by its certificate", fields: platformFields(platform) }]
      : []),
    ...(chain ? chainSections(chain) : []),
  ]
}

function headerFields({ header, bodyType, raw, trailing }: TdxQuote): readonly Field[] {
  return [
    {
      name: "version",
      value: String(header.version),
      note: bodyType === 3 ? "TDX 1.5" : bodyType === 2 ? "TDX 1.0" : "SGX",
    },
    { name: "teeType", value: `0x${header.teeType.toString(16)}` },
    { name: "attestationKeyType", value: String(header.attestationKeyType), note: "2: ECDSA P-256" },
    { name: "qeVendorId", value: encodeHex(header.qeVendorId) },
    { name: "userData", value: encodeHex(header.userData) },
    { name: "bytes", value: String(raw.length - trailing.length), note: `and ${trailing.length} of padding` },
  ]
}

function tdFields(td: TdReport): readonly Field[] {
  return [
    { name: "mrTd", value: encodeHex(td.mrTd), note: "MrTd" },
    ...td.rtmrs.map((rtmr, index) => ({ name: `rtmr${index}`, value: encodeHex(rtmr), note: `Rtmrs[${index}]` })),
    { name: "mrSeam", value: encodeHex(td.mrSeam), note: "MrSeam: the TDX module" },
    { name: "mrSignerSeam", value: encodeHex(td.mrSignerSeam), note: "zero: Intel's" },
    { name: "mrConfigId", value: encodeHex(td.mrConfigId), note: "hash of the policy, and 16 zeros" },
    { name: "mrOwner", value: encodeHex(td.mrOwner) },
    { name: "mrOwnerConfig", value: encodeHex(td.mrOwnerConfig) },
    { name: "reportData", value: encodeHex(td.reportData), note: "binds the quote to one session and key" },
    { name: "tdAttributes", value: encodeHex(td.tdAttributes), note: describeBits(td.tdAttributes, TD_ATTRIBUTES) },
    { name: "xfam", value: encodeHex(td.xfam), note: describeBits(td.xfam, XFAM) },
    { name: "seamAttributes", value: encodeHex(td.seamAttributes) },
    {
      name: "teeTcbSvn",
      value: encodeHex(td.teeTcbSvn),
      note: `TDX module ${td.teeTcbSvn[1] ?? 0}, SVN ${td.teeTcbSvn[0] ?? 0}`,
    },
    ...(td.teeTcbSvn2 ? [{ name: "teeTcbSvn2", value: encodeHex(td.teeTcbSvn2), note: "module that runs now" }] : []),
    ...(td.mrServiceTd ? [{ name: "mrServiceTd", value: encodeHex(td.mrServiceTd), note: "zero: none is bound" }] : []),
  ]
}

function enclaveFields(enclave: EnclaveReport): readonly Field[] {
  return [
    { name: "mrEnclave", value: encodeHex(enclave.mrEnclave) },
    { name: "mrSigner", value: encodeHex(enclave.mrSigner) },
    { name: "isvProdId", value: String(enclave.isvProdId) },
    { name: "isvSvn", value: String(enclave.isvSvn) },
    { name: "attributes", value: encodeHex(enclave.attributes) },
    { name: "miscSelect", value: String(enclave.miscSelect) },
    { name: "cpuSvn", value: encodeHex(enclave.cpuSvn) },
    { name: "reportData", value: encodeHex(enclave.reportData) },
  ]
}

function platformFields({ configuration, ...platform }: SgxExtension): readonly Field[] {
  const { fmspc, pceId, pceSvn, components, cpuSvn, ppid, piid, sgxType } = platform
  return [
    { name: "fmspc", value: encodeHex(fmspc), note: "names the platform: contrast collateral fetch --fmspc" },
    { name: "pceId", value: encodeHex(pceId) },
    { name: "pceSvn", value: String(pceSvn) },
    { name: "components", value: components.join(" "), note: "SGX TCB components 1 to 16" },
    { name: "cpuSvn", value: encodeHex(cpuSvn) },
    { name: "ppid", value: encodeHex(ppid), note: "tells this machine from others" },
    { name: "piid", value: piid ? encodeHex(piid) : "none", note: "AllowedPIIDs" },
    { name: "sgxType", value: String(sgxType), note: "2: with memory integrity" },
    ...(configuration
      ? [
          flagField("dynamicPlatform", configuration.dynamicPlatform, "StaticPlatform demands no"),
          flagField("cachedKeys", configuration.cachedKeys),
          flagField("smtEnabled", configuration.smtEnabled, "SMTDisabled demands no"),
        ]
      : []),
  ]
}

function chainSections({ leaf, intermediate, root }: PckChain): readonly Section[] {
  return [
    { name: "leaf", title: "Certificate of the platform", fields: certificateFields(leaf) },
    { name: "intermediate", title: "Its authority", fields: certificateFields(intermediate) },
    { name: "root", title: "The root that the quote brings", fields: certificateFields(root) },
  ]
}

/** Names the bits that are set in a little-endian number of 8 bytes. */
function describeBits(bytes: Uint8Array, names: BitNames): string {
  const known = new Map(names)
  const set = Array.from({ length: 8 * bytes.length }, (_, bit) => bit).filter(
    (bit) => (((bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1) === 1,
  )
  return set.map((bit) => known.get(bit) ?? `bit ${bit}`).join(", ") || "none"
}
