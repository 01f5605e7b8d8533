import { encodeHex } from "@contrast/crypto"
import { describe, expect, test } from "@jest/globals"
import { parseTdxQuote, TdxQuoteError } from "../../src/index.ts"
import { parsePckChain } from "../../src/tdx/pck-chain.ts"
import { parseSgxExtension } from "../../src/tdx/sgx-extension.ts"
import { found, readBytes, readCases } from "./vectors.ts"

const suite = found ? describe : describe.skip
const cases = readCases()

function refusal(bytes: Uint8Array): string {
  try {
    parseTdxQuote(bytes)
    return "read"
  } catch (error) {
    if (error instanceof TdxQuoteError) return error.code
    throw error
  }
}

const hex = (bytes: Uint8Array | undefined): string | undefined => bytes && encodeHex(bytes)

/** The fields as the oracle spells them. */
function describeQuote(bytes: Uint8Array): Record<string, unknown> {
  const { header, bodyType, body, trailing, qeReport, pckChain } = parseTdxQuote(bytes)
  const chain = parsePckChain(pckChain)
  return {
    bytes: bytes.length,
    version: header.version,
    tee_type: header.teeType,
    body_type: bodyType,
    trailing_bytes: trailing.length,
    report_data: hex(body.reportData),
    ...(body.kind === "td"
      ? {
          tee_tcb_svn: hex(body.teeTcbSvn),
          mrseam: hex(body.mrSeam),
          mrsignerseam: hex(body.mrSignerSeam),
          td_attributes: hex(body.tdAttributes),
          xfam: hex(body.xfam),
          mrtd: hex(body.mrTd),
          mr_config_id: hex(body.mrConfigId),
          mr_owner: hex(body.mrOwner),
          mr_owner_config: hex(body.mrOwnerConfig),
          rtmrs: body.rtmrs.map(hex),
          ...(body.teeTcbSvn2 && { tee_tcb_svn2: hex(body.teeTcbSvn2), mr_service_td: hex(body.mrServiceTd) }),
        }
      : { mrenclave: hex(body.mrEnclave), mrsigner: hex(body.mrSigner), sgx_attributes: hex(body.attributes) }),
    ...(chain && { qe_isvsvn: qeReport.isvSvn, pck: describePck(chain) }),
  }
}

function describePck({ leaf, intermediate }: NonNullable<ReturnType<typeof parsePckChain>>): Record<string, unknown> {
  const extension = parseSgxExtension(leaf)
  const { configuration } = extension ?? {}
  return {
    serial: hex(leaf.serialNumber)?.replace(/^00/, "").toUpperCase(),
    issuer: intermediate.subjectCommonName,
    fmspc: hex(extension?.fmspc),
    pceid: hex(extension?.pceId),
    pcesvn: extension?.pceSvn,
    components: extension?.components,
    cpusvn: hex(extension?.cpuSvn),
    sgx_type: extension?.sgxType,
    ppid: hex(extension?.ppid),
    ...(extension?.piid && { piid: hex(extension.piid) }),
    ...(configuration && {
      dynamic_platform: configuration.dynamicPlatform,
      cached_keys: configuration.cachedKeys,
      smt_enabled: configuration.smtEnabled,
    }),
  }
}

suite(`real quotes${found ? "" : " (skipped: outside vectors not found)"}`, () => {
  test.each(cases.filter(({ fields }) => fields !== undefined).map((entry) => [entry.id, entry] as const))(
    "%s is read as the oracle says",
    (_id, { quote, fields }) => {
      expect(describeQuote(readBytes(quote))).toMatchObject(fields ?? {})
    },
  )

  test("a quote cut short anywhere before its padding is refused", () => {
    const bytes = readBytes("dcap-qvl/tdx_quote")
    const end = bytes.length - parseTdxQuote(bytes).trailing.length
    for (let size = 0; size < end; size += 1) {
      expect(refusal(bytes.subarray(0, size))).toBe(size < 636 ? "TDX_QUOTE_SIZE" : "TDX_AUTH_SIZE")
    }
    expect(refusal(bytes.subarray(0, end))).toBe("read")
  })

  test("certification data that would have to be fetched is refused", () => {
    expect(refusal(readBytes("intel-qvl/quote.dat"))).toBe("TDX_CERT_DATA_FORM")
  })
})

test.each<[string, Uint8Array, string]>([
  ["nothing", new Uint8Array(0), "TDX_QUOTE_SIZE"],
  ["64 KiB of nothing", new Uint8Array(64 * 1024), "TDX_QUOTE_VERSION"],
  ["more than 64 KiB", new Uint8Array(64 * 1024 + 1), "TDX_QUOTE_SIZE"],
  ["version 0", new Uint8Array(5000), "TDX_QUOTE_VERSION"],
  ["version 6", new Uint8Array(5000).fill(6, 0, 1), "TDX_QUOTE_VERSION"],
  ["a body of no known type", new Uint8Array(5000).fill(5, 0, 1), "TDX_BODY_TYPE"],
])("%s is no quote", (_title, bytes, code) => {
  expect(refusal(bytes)).toBe(code)
})
