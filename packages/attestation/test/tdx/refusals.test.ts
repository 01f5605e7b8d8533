import {
  createIntelAuthority,
  encodeSgxExtension,
  INTEL_LEAF,
  INTEL_PLATFORM,
  intelAuthorities,
  intelChain,
  intelModule,
  intelPlatform,
  intelSvnLevel,
  intelTcbLevel,
  issueIntelCrl,
  issueIntelPck,
  issueQeIdentity,
  issueTcbInfo,
  signIntelQuote,
  type IntelAuthority,
  type IntelAuthorityOptions,
  type IntelPlatform,
} from "@contrast/test-authority"
import { decodeHex, encodeHex, parseCertificate, type CertificateExtension } from "@contrast/crypto"
import { describe, expect, test } from "@jest/globals"
import { verifyTdx, type SignedCollateral } from "../../src/index.ts"
import { BINDING_CODES } from "../../src/binding-checks.ts"
import { PLATFORM_CODES, TDX_CODES, VALUE_CODES } from "../../src/tdx/codes.ts"
import {
  HOST_DATA,
  judge,
  NOW,
  PATH,
  misnamed,
  POLICY,
  refusals,
  REPORT_DATA,
  values,
  type Change,
} from "./test-intel.ts"

const { root, platformCa, processorCa, tcbSigner } = intelAuthorities()
const good = intelPlatform()
const stranger = (commonName: string, issuer = root): IntelAuthority => createIntelAuthority({ commonName, issuer })

const set = (offset: number, value: number) => (bytes: Uint8Array) => {
  bytes[offset] = value
}
const fill = (values: readonly number[], offset: number) => (bytes: Uint8Array) => {
  bytes.set(values, offset)
}
const cut = (size: number) => (quote: Uint8Array) => quote.subarray(0, size)
const poke = (offset: number, value: number) => (quote: Uint8Array) => {
  const copy = quote.slice()
  copy[offset] = value
  return copy
}
/** Offsets in a quote of version 4. */
const AUTH = 636
const ATTESTATION_KEY = AUTH + 64
const QE_CERTIFICATION = ATTESTATION_KEY + 64 + 6

const platform = (change: Partial<IntelPlatform>): Change => ({ quote: { pck: issueIntelPck({ platform: change }) } })
const chain = (...authorities: readonly IntelAuthority[]): Change => ({
  quote: { chain: intelChain(...authorities), ...(authorities[0] && { pck: authorities[0] }) },
})
const tcbInfo = (content: Record<string, unknown>): Change => ({ collateral: { tcbInfo: issueTcbInfo({ content }) } })
const qeIdentity = (content: Record<string, unknown>): Change => ({
  collateral: { qeIdentity: issueQeIdentity({ content }) },
})
const withBody = (signed: SignedCollateral, change: (text: string) => string): SignedCollateral => ({
  ...signed,
  body: Buffer.from(change(Buffer.from(signed.body).toString("utf8"))),
})
const unsigned = (extension: Uint8Array): Change => ({ quote: { pck: issueIntelPck({ sgxExtension: extension }) } })
/** Basic constraints and key usage in DER. */
const role = (constraints: string, usage: string): readonly CertificateExtension[] => [
  { oid: "2.5.29.19", critical: true, value: decodeHex(constraints) },
  { oid: "2.5.29.15", critical: true, value: decodeHex(usage) },
]
const UNKNOWN: CertificateExtension = { oid: "1.2.3", critical: true, value: Uint8Array.of(5, 0) }
const EXPIRED = new Date("2026-05-31T23:59:59Z")
const EARLY = { issueDate: "2026-06-01T00:00:01Z" }
const LATE = { nextUpdate: "2026-05-31T23:59:59Z" }

describe("a quote of TDX", () => {
  test.each([4, 5] as const)("of version %d that is good is accepted, and every check was made", (version) => {
    const judgement = judge({ quote: { version, padding: 7 } })

    expect(refusals(judgement)).toEqual([])
    expect(judgement.verdict).toMatchObject({
      accepted: true,
      platform: "tdx",
      tcb: { status: "UpToDate", tcbDate: "2026-01-14", advisories: [] },
    })
    expect(new Set(judgement.verdict.checks.map(({ id }) => id))).toEqual(new Set(TDX_CODES))
  })

  test("of a self-made chain is refused by the root that is compiled in", () => {
    const { reportData } = { reportData: REPORT_DATA }
    const quote = signIntelQuote({ reportData, hostData: HOST_DATA })
    const collateral = {
      tcbInfo: undefined,
      qeIdentity: undefined,
      rootCrl: undefined,
      pckCrl: undefined,
      problems: [],
    }
    const judgement = verifyTdx({ quote, collateral }, { values, path: PATH, policy: POLICY, reportData, now: NOW })

    expect(judgement.verdict.accepted).toBe(false)
    expect(refusals(judgement)).toEqual(expect.arrayContaining(["PCK_CHAIN_ROOT", "PCK_CHAIN_SIGNATURE"]))
  })
})

/** What refuses; where more than one code does, the change cannot be made otherwise. */
type Row = readonly [codes: string, change: Change]

const tested = new Set<string>()

function table(...rows: readonly Row[]): readonly Row[] {
  for (const [codes] of rows) for (const code of codes.split(" ")) tested.add(code)
  return rows
}

describe("form", () => {
  test.each(
    table(
      ["TDX_QUOTE_SIZE", { raw: cut(40) }],
      ["TDX_QUOTE_SIZE", { raw: cut(600) }],
      ["TDX_QUOTE_SIZE", { quote: { padding: 64 * 1024 } }],
      ["TDX_QUOTE_VERSION", { raw: poke(0, 6) }],
      ["TDX_QUOTE_VERSION", { raw: poke(0, 0) }],
      ["TDX_TEE_TYPE", { quote: { version: 5, header: set(4, 0) } }],
      ["TDX_KEY_TYPE", { quote: { header: set(2, 3) } }],
      ["TDX_QE_VENDOR", { quote: { header: set(12, 0) } }],
      ["TDX_BODY_TYPE", { quote: { version: 5 }, raw: poke(48, 1) }],
      ["TDX_BODY_TYPE", { quote: { version: 5 }, raw: poke(50, 0) }],
      ["TDX_AUTH_SIZE", { raw: cut(700) }],
      ["TDX_AUTH_SIZE", { raw: (quote) => poke(633, (quote[633] ?? 0) + 1)(quote) }],
      ["TDX_AUTH_SIZE", { quote: { padding: 1 }, raw: (quote) => poke(632, (quote[632] ?? 0) + 1)(quote) }],
      ["TDX_AUTH_SIZE", { raw: poke(QE_CERTIFICATION + 448, 31), quote: { padding: 1 } }],
      ["TDX_CERT_DATA_FORM", { raw: poke(AUTH + 128, 5) }],
      ["TDX_CERT_DATA_FORM", { quote: { certificationType: 3 } }],
      ["TDX_TRAILING", { quote: { padding: 2 }, raw: (quote) => poke(quote.length - 1, 1)(quote) }],
    ),
  )("%s refuses alone", (codes, change) => {
    // A size inside that is one too small makes a type of what follows.
    expect(refusals(judge(change)).map((code) => code.replace("TDX_CERT_DATA_FORM", codes))).toEqual([codes])
  })
})

describe("the platform's certificates", () => {
  const signedByLeaf = issueIntelPck({ issuer: good })
  const authority = createIntelAuthority({ commonName: "Intel SGX PCK Certificate", issuer: platformCa })
  const oldCa = createIntelAuthority({ commonName: "Intel SGX PCK Platform CA", issuer: root, notAfter: EXPIRED })
  const ownRoot = createIntelAuthority({ commonName: "Intel SGX Root CA" })
  const ownCa = createIntelAuthority({ commonName: "Intel SGX PCK Platform CA", issuer: ownRoot })
  const ownLeaf = issueIntelPck({ issuer: ownCa })
  /** A platform of an authority that is Intel's but for its extensions, and so has no list of its own here. */
  const underCa = (extensions: readonly CertificateExtension[]): Change => {
    const ca = createIntelAuthority({ commonName: "Intel SGX PCK Platform CA", issuer: root, extensions })
    return chain(issueIntelPck({ issuer: ca }), ca, root)
  }
  /** Another algorithm: ECDSA with SHA-384. */
  const sha384 = (authority: IntelAuthority): IntelAuthority => {
    const der = encodeHex(authority.certificate.der).replaceAll("2a8648ce3d040302", "2a8648ce3d040303")
    return { ...authority, certificate: parseCertificate(decodeHex(der)) }
  }
  const otherCa = createIntelAuthority({ commonName: "Intel SGX PCK Other CA", issuer: root })
  const text = Buffer.from(intelChain(good, platformCa, root)).toString("latin1")
  const pem = (changed: string): Change => ({ quote: { chain: Buffer.from(changed, "latin1") } })

  test.each(
    table(
      ["PCK_CHAIN_FORM", chain(good, platformCa)],
      ["PCK_CHAIN_FORM", chain(good, platformCa, root, root)],
      ["PCK_CHAIN_FORM", chain(sha384(good), platformCa, root)],
      ["PCK_CHAIN_FORM", chain(good, sha384(platformCa), root)],
      ["PCK_CHAIN_FORM", pem(`x${text}`)],
      ["PCK_CHAIN_FORM", pem(`${text} `)],
      ["PCK_CHAIN_FORM", pem(text.replace("\n", "\0"))],
      ["PCK_CHAIN_FORM", pem(text.replaceAll("CERTIFICATE", "X509 CRL"))],
      ["PCK_CHAIN_FORM", { quote: { pck: issueIntelPck({ extensions: [UNKNOWN] }) } }],
      [
        "PCK_CHAIN_ROOT",
        chain(
          good,
          platformCa,
          stranger("Intel SGX Root CA", createIntelAuthority({ commonName: "Intel SGX Root CA" })),
        ),
      ],
      ["PCK_CHAIN_ISSUER", { quote: { pck: issueIntelPck({ commonName: "Intel SGX Certificate" }) } }],
      ["PCK_CHAIN_SIGNATURE", { quote: { pck: issueIntelPck({ issuer: { ...platformCa, key: root.key } }) } }],
      ["PCK_CHAIN_SIGNATURE", { quote: { pck: issueIntelPck({ extensions: role("3000", "03020106") }) } }],
      ["PCK_CHAIN_SIGNATURE", { quote: { pck: issueIntelPck({ extensions: role("30030101ff", "030206c0") }) } }],
      ["PCK_CHAIN_SIGNATURE", { quote: { pck: issueIntelPck({ extensions: [] }) } }],
      ["INTEL_CRL_SIGNATURE PCK_CHAIN_SIGNATURE", underCa(role("30060101ff020101", "03020106"))],
      ["INTEL_CRL_SIGNATURE PCK_CHAIN_SIGNATURE", underCa(role("30030101ff", "03020106"))],
      ["INTEL_CRL_SIGNATURE PCK_CHAIN_SIGNATURE", underCa(role("30060101ff020100", "03020204"))],
      ["PCK_CHAIN_VALIDITY", { quote: { pck: issueIntelPck({ notAfter: EXPIRED }) } }],
      ["PCK_EXTENSIONS", platform({ piid: undefined })],
      ["PCK_EXTENSIONS", platform({ configuration: undefined })],
      [
        "INTEL_CRL_ISSUER INTEL_CRL_SIGNATURE PCK_CHAIN_ISSUER PCK_EXTENSIONS",
        chain(issueIntelPck({ issuer: otherCa }), otherCa, root),
      ],
      ["PCK_EXTENSIONS PCK_CHAIN_SIGNATURE", chain(authority, platformCa, root)],
      ["INTEL_CRL_SIGNATURE PCK_CHAIN_VALIDITY", chain(issueIntelPck({ issuer: oldCa }), oldCa, root)],
      [
        "INTEL_CRL_ISSUER INTEL_CRL_SIGNATURE PCK_CHAIN_ISSUER PCK_CHAIN_SIGNATURE PCK_EXTENSIONS",
        chain(signedByLeaf, good, root),
      ],
      ["INTEL_CRL_SIGNATURE PCK_CHAIN_ROOT PCK_CHAIN_SIGNATURE", chain(ownLeaf, ownCa, ownRoot)],
      [
        "INTEL_CRL_ISSUER INTEL_CRL_SIGNATURE PCK_EXTENSIONS",
        chain(issueIntelPck({ issuer: processorCa }), processorCa, root),
      ],
    ),
  )("%s refuses alone", (codes, change) => {
    const expected = codes.split(" ").sort()
    // What is missing with the extension is missing for the demands of the manifest too.
    expect(refusals(judge(change)).filter((code) => expected.includes(code) || !code.startsWith("TDX_"))).toEqual(
      expected,
    )
  })

  test.each<[string, Change]>([
    ["is cut short", unsigned(encodeSgxExtension(INTEL_PLATFORM).subarray(0, 50))],
    ["has a byte behind its end", unsigned(Buffer.concat([encodeSgxExtension(INTEL_PLATFORM), Buffer.of(0)]))],
    ["has a component over 255", platform({ components: [256, ...INTEL_PLATFORM.components.slice(1)] })],
    ["has 15 components", platform({ components: INTEL_PLATFORM.components.slice(1) })],
    ["has an FMSPC of 5 bytes", platform({ fmspc: new Uint8Array(5) })],
    ["has an unknown type", platform({ sgxType: 3 })],
  ])("an extension that %s is refused", (_title, change) => {
    expect(refusals(judge(change))).toContain("PCK_EXTENSIONS")
  })
})

describe("revocation", () => {
  const serial = ({ certificate }: IntelAuthority): Uint8Array => certificate.serialNumber
  const rootCrl = (options: object): Change => ({
    collateral: { rootCrl: issueIntelCrl({ signer: root, ...options }) },
  })
  const pckCrl = (options: object): Change => ({
    collateral: { pckCrl: issueIntelCrl({ signer: platformCa, ...options }) },
  })

  test.each(
    table(
      ["INTEL_CRL_MISSING", { collateral: { rootCrl: undefined } }],
      ["INTEL_CRL_MISSING", { collateral: { pckCrl: undefined } }],
      ["INTEL_CRL_FORM", { collateral: { pckCrl: Uint8Array.of(0x30, 0) } }],
      ["INTEL_CRL_ISSUER", pckCrl({ issuer: processorCa.certificate.subject })],
      ["INTEL_CRL_ISSUER INTEL_CRL_SIGNATURE", { collateral: { pckCrl: issueIntelCrl({ signer: processorCa }) } }],
      ["INTEL_CRL_SIGNATURE", pckCrl({ signer: stranger("Intel SGX PCK Platform CA") })],
      ["INTEL_CRL_VALIDITY", pckCrl({ nextUpdate: EXPIRED })],
      ["INTEL_CRL_VALIDITY", rootCrl({ thisUpdate: new Date("2026-06-01T00:00:01Z") })],
      ["PCK_REVOKED", pckCrl({ revoked: [Uint8Array.of(1), serial(good)] })],
      ["PCK_CA_REVOKED", rootCrl({ revoked: [serial(platformCa)] })],
      ["TCB_SIGNER", rootCrl({ revoked: [serial(tcbSigner)] })],
    ),
  )("%s refuses alone", (codes, change) => {
    const judgement = judge(change)

    expect(refusals(judgement)).toEqual(codes.split(" "))
    expect(misnamed(judgement)).toEqual([])
  })
})

test.each([
  ["begins now", { thisUpdate: NOW }],
  ["ends now", { nextUpdate: NOW }],
])("a revocation list whose time %s is good", (_title, options) => {
  const change = { collateral: { pckCrl: issueIntelCrl({ signer: platformCa, ...options }) } }

  expect(refusals(judge(change))).toEqual([])
})

describe("every check that can be made is made", () => {
  const skippedIn = (change: Change): readonly string[] =>
    judge(change).verdict.checks.flatMap(({ id, outcome }) => (outcome === "skipped" ? [id] : []))

  test("without certificates, of signatures, TD and manifest", () => {
    const skipped = skippedIn(chain(good, platformCa))

    expect(skipped).not.toContain("TDX_QUOTE_SIGNATURE")
    expect(skipped).not.toContain("TDX_QE_REPORT_DATA")
    expect([...PLATFORM_CODES, "TD_MRTD", "TD_RTMR", ...BINDING_CODES].filter((id) => skipped.includes(id))).toEqual([])
    expect(refusals(judge(chain(good, platformCa)))).toEqual(["PCK_CHAIN_FORM"])
  })

  test("without the platform's extension, of the TDX module", () => {
    expect(skippedIn(unsigned(new Uint8Array(2))).filter((id) => id.startsWith("TDX_MODULE"))).toEqual([])
  })

  test("without a value of the manifest, whose evidence it is", () => {
    expect(skippedIn({ values: { rtmrs: [undefined, ...values.rtmrs.slice(1)] } })).toEqual([...VALUE_CODES])
  })
})

describe("signatures", () => {
  const zeros = (offset: number) => (quote: Uint8Array) => quote.slice().fill(0, offset, offset + 32)

  test.each(
    table(
      ["TDX_QUOTE_SIGNATURE TDX_SIGNATURE_RANGE", { raw: zeros(AUTH) }],
      ["TDX_QUOTE_SIGNATURE TDX_SIGNATURE_RANGE", { raw: (quote) => quote.slice().fill(0xff, AUTH + 32, AUTH + 64) }],
      ["TDX_QE_REPORT_SIGNATURE TDX_SIGNATURE_RANGE", { raw: zeros(QE_CERTIFICATION + 384) }],
      ["TDX_QE_REPORT_SIGNATURE", { quote: { pck: { ...good, key: root.key } } }],
      ["TDX_QE_REPORT_DATA", { quote: { qeReport: set(320, 1) } }],
      ["TDX_QE_REPORT_DATA", { quote: { qeReport: set(383, 1) } }],
      ["TDX_QE_REPORT_DATA", { raw: poke(QE_CERTIFICATION + 450, 9) }],
      ["TDX_QUOTE_SIGNATURE", { raw: poke(32, 1) }],
      [
        "TDX_QE_REPORT_DATA TDX_QUOTE_SIGNATURE",
        { raw: (quote) => quote.slice().fill(1, ATTESTATION_KEY, ATTESTATION_KEY + 64) },
      ],
    ),
  )("%s refuses alone", (codes, change) => {
    const judgement = judge(change)

    expect(refusals(judgement)).toEqual(codes.split(" "))
    expect(misnamed(judgement)).toEqual([])
  })
})

describe("Intel's statements", () => {
  const info = issueTcbInfo()
  const spaced = withBody(info, (text) => text.replace('{"id"', '{ "id"'))
  const signer = (change: Partial<IntelAuthorityOptions>): Change => {
    const options = { commonName: "Intel SGX TCB Signing", issuer: root, extensions: INTEL_LEAF, ...change }
    return { collateral: { tcbInfo: issueTcbInfo({ signer: createIntelAuthority(options) }) } }
  }
  const authoritySigner = stranger("Intel SGX TCB Signing")
  const sixteen = INTEL_PLATFORM.components
  const manyLevels = (count: number): readonly object[] => [
    intelTcbLevel("UpToDate"),
    ...Array.from({ length: count - 1 }, (_, index) =>
      intelTcbLevel("OutOfDate", { pceSvn: index, sgx: sixteen.with(0, 0) }),
    ),
  ]
  const byStranger = { ...issueTcbInfo({ signer: platformCa }) }

  test.each(
    table(
      ["TCB_SIGNER_MISSING", { collateral: { tcbInfo: { ...info, issuerChain: new Uint8Array(0) } } }],
      ["TCB_SIGNER", { collateral: { tcbInfo: { ...info, issuerChain: intelChain(tcbSigner) } } }],
      [
        "TCB_SIGNER",
        { collateral: { tcbInfo: { ...info, issuerChain: intelChain(tcbSigner, stranger("Intel SGX Root CA")) } } },
      ],
      ["TCB_SIGNER", { collateral: { tcbInfo: byStranger } }],
      ["TCB_SIGNER", signer({ notAfter: EXPIRED })],
      ["TCB_SIGNER", signer({ commonName: "Intel SGX Other Signing" })],
      ["TCB_SIGNER", signer({ issuer: platformCa })],
      ["TCB_SIGNER", signer({ issuer: { ...root, key: platformCa.key } })],
      ["TCB_SIGNER", signer({ issuer: { ...root, certificate: platformCa.certificate } })],
      ["TCB_SIGNER", signer({ extensions: [...INTEL_LEAF, UNKNOWN] })],
      [
        "TCB_SIGNER",
        { collateral: { qeIdentity: issueQeIdentity({ signer: stranger("Intel SGX TCB Signing", platformCa) }) } },
      ],
      ["TCB_SIGNER", { collateral: { tcbInfo: issueTcbInfo({ signer: authoritySigner }) } }],
      ["TCB_INFO_MISSING", { collateral: { tcbInfo: undefined } }],
      ["TCB_INFO_FORM", { collateral: { tcbInfo: withBody(info, (text) => `${text}x`) } }],
      ["TCB_INFO_FORM", tcbInfo({ version: 2 })],
      ["TCB_INFO_FORM", tcbInfo({ tcbType: 1 })],
      ["TCB_INFO_FORM", tcbInfo({ nextUpdate: "2026-13-01T00:00:00Z" })],
      ["TCB_INFO_FORM", tcbInfo({ nextUpdate: "2026-06-31T00:00:00Z" })],
      ["TCB_INFO_FORM", tcbInfo({ tcbLevels: [] })],
      ["TCB_INFO_FORM", tcbInfo({ tcbLevels: [intelTcbLevel("UpToDate"), intelTcbLevel("Revoked")] })],
      ["TCB_INFO_FORM", tcbInfo({ tcbLevels: [intelTcbLevel("Fine")] })],
      ["TCB_INFO_FORM", tcbInfo({ tcbLevels: [intelTcbLevel("UpToDate", { sgx: sixteen.slice(1) })] })],
      ["TCB_INFO_FORM", tcbInfo({ tcbLevels: [intelTcbLevel("UpToDate", { tdx: [...sixteen, 0] })] })],
      ["TCB_INFO_FORM", tcbInfo({ tcbLevels: manyLevels(257) })],
      [
        "TCB_INFO_FORM",
        tcbInfo({
          tdxModuleIdentities: ["TDX_01", "tdx_01"].map((id) => intelModule(id, [intelSvnLevel("UpToDate", 5)])),
        }),
      ],
      [
        "TCB_INFO_FORM",
        tcbInfo({ tdxModuleIdentities: [intelModule("TDX_01", [intelSvnLevel("SWHardeningNeeded", 1)])] }),
      ],
      ["TCB_INFO_FORM", tcbInfo({ deep: JSON.parse("[".repeat(20) + "]".repeat(20)) as unknown })],
      [
        "TCB_INFO_FORM",
        {
          collateral: {
            tcbInfo: issueTcbInfo({ text: (json) => json.replace('"version":3', '"version":3,"version":3') }),
          },
        },
      ],
      [
        "TCB_INFO_FORM",
        { collateral: { tcbInfo: issueTcbInfo({ text: (json) => json.replace('"svn":3', '"svn":3,"svn":3') }) } },
      ],
      [
        "TCB_INFO_FORM",
        {
          collateral: {
            tcbInfo: issueTcbInfo({ text: (json) => json.replace('"svn":3', '"svn":3,"\\u0073vn" :3') }),
          },
        },
      ],
      ["TCB_INFO_SIGNATURE", { collateral: { tcbInfo: spaced } }],
      ["TCB_INFO_KIND", tcbInfo({ id: "SGX" })],
      ["TCB_INFO_VALIDITY", tcbInfo(LATE)],
      ["TCB_INFO_VALIDITY", tcbInfo(EARLY)],
      ["TCB_INFO_FMSPC", tcbInfo({ fmspc: "00a067110000" })],
      ["TCB_INFO_PCEID", tcbInfo({ pceId: "0001" })],
      ["QE_IDENTITY_MISSING", { collateral: { qeIdentity: undefined } }],
      ["QE_IDENTITY_FORM", qeIdentity({ version: 1 })],
      ["QE_IDENTITY_FORM", { collateral: { qeIdentity: info } }],
      [
        "QE_IDENTITY_SIGNATURE",
        { collateral: { qeIdentity: withBody(issueQeIdentity(), (text) => text.replace("18", "19")) } },
      ],
      ["QE_IDENTITY_KIND", qeIdentity({ id: "QE" })],
      ["QE_IDENTITY_VALIDITY", qeIdentity(LATE)],
      ["QE_IDENTITY_VALIDITY", qeIdentity(EARLY)],
      ["QE_MISCSELECT", { quote: { qeReport: set(16, 1) } }],
      ["QE_ATTRIBUTES", { quote: { qeReport: set(48, 0x13) } }],
      ["QE_SIGNER", { quote: { qeReport: set(128, 0) } }],
      ["QE_PRODUCT", { quote: { qeReport: set(256, 1) } }],
      ["QE_TCB_LEVEL", { quote: { qeReport: set(258, 3) } }],
    ),
  )("%s refuses alone", (codes, change) => {
    const judgement = judge(change)

    expect(refusals(judgement)).toEqual(codes.split(" "))
    expect(misnamed(judgement)).toEqual([])
  })

  test.each<[string, Change]>([
    ["begins now", tcbInfo({ issueDate: "2026-06-01T00:00:00Z" })],
    ["ends now", tcbInfo({ nextUpdate: "2026-06-01T00:00:00Z" })],
  ])("a statement whose time %s is good", (_title, change) => {
    expect(refusals(judge(change))).toEqual([])
  })

  test("unsorted levels, further keys and space behind the end do no harm", () => {
    const levels = [intelTcbLevel("OutOfDate", { pceSvn: 5 }), ...manyLevels(255)]
    const modules = [intelModule("TDX_01", [intelSvnLevel("OutOfDate", 3), intelSvnLevel("UpToDate", 5)])]
    const change = tcbInfo({
      tcbLevels: levels,
      tdxModuleIdentities: modules,
      further: { key: [1, 'x":', "\\", null, true] },
    })
    const signed = change.collateral?.tcbInfo

    expect(refusals(judge(change))).toEqual([])
    expect(signed && refusals(judge({ collateral: { tcbInfo: withBody(signed, (text) => `${text}\n`) } }))).toEqual([])
  })
})

describe("levels", () => {
  const unversioned = { quote: { body: set(1, 0) } }
  const moduleIdentity = (identity: object): Change =>
    tcbInfo({ tdxModuleIdentities: [intelModule("TDX_01", [intelSvnLevel("UpToDate", 5)], identity)] })

  test.each(
    table(
      ["TCB_LEVEL", platform({ pceSvn: 10 })],
      ["TCB_LEVEL", platform({ components: [1, ...INTEL_PLATFORM.components.slice(1)] })],
      ["TCB_LEVEL", { quote: { body: set(2, 2) } }],
      ["TCB_LEVEL", { quote: { body: fill([4, 0], 0) } }],
      ["TDX_MODULE_UNKNOWN", { quote: { body: set(1, 3) } }],
      ["TDX_MODULE_SIGNER", { quote: { body: set(64, 1) } }],
      ["TDX_MODULE_ATTRIBUTES", { quote: { body: set(112, 1) } }],
      ["TDX_MODULE_ATTRIBUTES", moduleIdentity({ attributes: "01".padEnd(16, "0") })],
      // Intel could allow an attribute; a manifest cannot.
      [
        "TDX_MODULE_ATTRIBUTES",
        { ...moduleIdentity({ attributes: "01".padEnd(16, "0") }), quote: { body: set(112, 1) } },
      ],
      ["TDX_MODULE_LEVEL", { quote: { body: set(0, 2) } }],
      ["TCB_STATUS", { quote: { body: set(0, 4) } }],
      ["TCB_STATUS", tcbInfo({ tdxModuleIdentities: [intelModule("TDX_01", [intelSvnLevel("Revoked", 1)])] })],
      ["TCB_STATUS", { quote: { qeReport: set(258, 5) } }],
      ["TCB_STATUS", platform({ components: [2, ...INTEL_PLATFORM.components.slice(1)] })],
      ["TCB_STATUS", qeIdentity({ tcbLevels: [intelSvnLevel("ConfigurationNeeded", 1)] })],
    ),
  )("%s refuses alone", (codes, change) => {
    const judgement = judge(change)

    expect(refusals(judgement)).toEqual([codes])
    expect(misnamed(judgement)).toEqual([])
  })

  test("a module without a version is judged by the platform's level", () => {
    const level = intelTcbLevel("UpToDate", { tdx: [5, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] })

    expect(refusals(judge({ ...unversioned, ...tcbInfo({ tcbLevels: [level] }) }))).toEqual([])
  })

  test("a module without a version is not judged by levels of a version 0", () => {
    const tcbLevels = [intelTcbLevel("UpToDate", { tdx: [5, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] })]
    const tdxModuleIdentities = [intelModule("TDX_00", [intelSvnLevel("Revoked", 0)])]

    expect(refusals(judge({ ...unversioned, ...tcbInfo({ tcbLevels, tdxModuleIdentities }) }))).toEqual([])
  })

  test("a platform below every level is told what it has", () => {
    const { verdict } = judge(platform({ components: [0, 1, ...INTEL_PLATFORM.components.slice(2)], pceSvn: 10 }))

    expect(verdict.checks.find(({ id }) => id === "TCB_LEVEL")?.actual).toMatch(
      /^components 0 1( \d+){14}, PCE 10, TEE 5 1( \d+){14}: below every level$/,
    )
  })

  test("a status that is not good names the parts that are not", () => {
    const status = (change: Change) => judge(change).verdict.checks.find(({ id }) => id === "TCB_STATUS")?.actual

    expect(status({ quote: { body: set(0, 4) } })).toBe("OutOfDate; module OutOfDate of 2024-03-13")
    expect(status({ quote: { body: set(0, 4), qeReport: set(258, 5) } })).toBe(
      "OutOfDate; module OutOfDate of 2024-03-13; qe OutOfDate of 2024-03-13 (INTEL-SA-00001)",
    )
  })

  test("a TD that was started before its host was updated is told to start anew", () => {
    const before = (teeTcbSvn2: number) =>
      judge({
        quote: {
          version: 5,
          body: (body) => {
            fill([4], 0)(body)
            fill([teeTcbSvn2], 584)(body)
          },
        },
      })
    const shown = (svn: number) => before(svn).verdict.checks.find(({ id }) => id === "TCB_STATUS")?.actual

    expect(refusals(before(5))).toEqual(["TCB_STATUS"])
    expect(shown(5)).toContain("relaunch the TD")
    expect(shown(4)).not.toContain("relaunch")
  })
})

test("a TD that may be migrated has to show that no service TD is bound", () => {
  const tdAttributes = Uint8Array.of(0, 0, 0, 0x30, 0, 0, 0, 0)

  expect(refusals(judge({ quote: { version: 5, body: set(123, 0x30) }, values: { tdAttributes } }))).toEqual([])
})

describe("the TD and the manifest", () => {
  const one = new Uint8Array(48).fill(1)
  const rtmrs = [one, ...values.rtmrs.slice(1)]
  const migratable = Uint8Array.of(0, 0, 0, 0x30, 0, 0, 0, 0)
  /** Alternatives are of RTMR0 alone. */
  const rtmrs1 = values.rtmrs.with(1, one)

  test.each(
    table(
      ["TD_ATTRIBUTES TD_DEBUG", { quote: { body: set(120, 1) } }],
      [
        "TD_ATTRIBUTES TD_DEBUG",
        { quote: { body: set(120, 0x10) }, values: { tdAttributes: Uint8Array.of(0x10, 0, 0, 0x10, 0, 0, 0, 0) } },
      ],
      ["TD_ATTRIBUTES", { quote: { body: set(123, 0x50) } }],
      ["TD_ATTRIBUTES", { values: { tdAttributes: new Uint8Array(8) } }],
      ["TD_SERVICE", { quote: { version: 5, body: set(600, 1) } }],
      ["TD_SERVICE", { quote: { body: set(123, 0x30) }, values: { tdAttributes: migratable } }],
      ["TD_OWNER", { quote: { body: set(232, 1) } }],
      ["TD_OWNER", { quote: { body: set(280, 1) } }],
      ["TD_HOST_DATA_PADDING", { quote: { body: set(231, 1) } }],
      ["REFERENCE_VALUE_MISSING", { values: { rtmrs: [undefined, ...values.rtmrs.slice(1)] } }],
      ["TCB_EVALUATION_NUMBER", { values: { minTcbEvaluationDataNumber: 19 } }],
      ["TCB_EVALUATION_NUMBER", tcbInfo({ tcbEvaluationDataNumber: 17 })],
      ["TCB_EVALUATION_NUMBER", qeIdentity({ tcbEvaluationDataNumber: 17 })],
      ["TD_MRTD", { values: { mrTd: one } }],
      ["TD_MRSEAM", { values: { mrSeam: one } }],
      ["TD_RTMR", { values: { rtmrs } }],
      ["TD_RTMR", { values: { rtmrs: [...values.rtmrs.slice(0, 3), one] } }],
      ["TD_RTMR", { values: { rtmrs: rtmrs1, rtmr0Alternatives: [values.rtmrs[1] ?? one] } }],
      ["TD_XFAM", { quote: { body: set(128, 0xe3) } }],
      ["TDX_PIID", { values: { allowedPiids: [new Uint8Array(16)] } }],
      ["TDX_MEMORY_INTEGRITY", platform({ sgxType: 1 })],
      ["TDX_SMT", platform({ configuration: { dynamicPlatform: false, cachedKeys: true, smtEnabled: true } })],
      [
        "TDX_STATIC_PLATFORM",
        platform({ configuration: { dynamicPlatform: true, cachedKeys: true, smtEnabled: false } }),
      ],
      [
        "PCK_EXTENSIONS TDX_PIID",
        { ...platform({ piid: undefined }), values: { allowedPiids: [one.subarray(0, 16)] } },
      ],
      ["HOST_DATA", { quote: { hostData: new Uint8Array(32) } }],
      ["HOST_DATA", { policy: { ...POLICY, demand: "coordinator" } }],
      ["REPORT_DATA", { quote: { reportData: new Uint8Array(64) } }],
    ),
  )("%s refuses alone", (codes, change) => {
    const judgement = judge(change)

    expect(refusals(judgement)).toEqual(codes.split(" "))
    expect(misnamed(judgement)).toEqual([])
  })

  test.each([
    ["MrTd", { mrTd: undefined }],
    ["MrSeam", { mrSeam: undefined }],
    ["Rtmrs[3]", { rtmrs: [...values.rtmrs.slice(0, 3), undefined] }],
    ["Xfam", { xfam: undefined }],
  ])("a manifest without %s refuses, whatever the quote shows", (key, missing) => {
    const judgement = judge({ values: missing as Change["values"] & object })

    expect(refusals(judgement)).toEqual(["REFERENCE_VALUE_MISSING"])
    expect(judgement.verdict.checks.find(({ outcome }) => outcome === "fail")).toMatchObject({
      actual: `no ${key}`,
      manifest: `ReferenceValues.tdx[0].${key}`,
    })
  })

  test("a platform of which Intel states no configuration meets no demand of it", () => {
    const judgement = judge(platform({ configuration: undefined }))

    expect(refusals(judgement)).toEqual(expect.arrayContaining(["TDX_SMT", "TDX_STATIC_PLATFORM"]))
    expect(judgement.verdict.checks.find(({ id }) => id === "TDX_SMT")).toMatchObject({ actual: "not stated" })
  })

  test.each<[string, Change]>([
    ["a platform of the list", { values: { allowedPiids: [INTEL_PLATFORM.piid ?? one] } }],
    [
      "a platform somewhere in the list",
      { values: { allowedPiids: [one.subarray(0, 16), INTEL_PLATFORM.piid ?? one] } },
    ],
    [
      "whatever is not demanded",
      {
        ...platform({ configuration: { dynamicPlatform: true, cachedKeys: true, smtEnabled: true }, sgxType: 1 }),
        values: { memoryIntegrity: false, smtDisabled: false, staticPlatform: false },
      },
    ],
    ["an alternative of RTMR0", { values: { rtmrs, rtmr0Alternatives: [one, values.rtmrs[0] ?? one] } }],
    ["the CET bits of XFAM", { quote: { body: set(129, 0x1a) } }],
    ["another number of evaluation than demanded, if higher", { values: { minTcbEvaluationDataNumber: 0 } }],
    [
      "attributes that an older manifest names",
      { quote: { body: set(123, 0) }, values: { tdAttributes: new Uint8Array(8) } },
    ],
  ])("%s is accepted", (_title, change) => {
    expect(refusals(judge(change))).toEqual([])
  })

  test("what is absent says why, and numbers that differ say so", () => {
    const actual = (id: string, change: Change): unknown =>
      judge(change).verdict.checks.find((check) => check.id === id && check.outcome === "fail")?.actual

    expect(actual("TCB_INFO_MISSING", { collateral: { tcbInfo: undefined } })).toBe("absent")
    expect(actual("INTEL_CRL_MISSING", { collateral: { pckCrl: undefined, problems: ["asked", "in vain"] } })).toBe(
      "absent: asked; in vain",
    )
    expect(actual("TCB_EVALUATION_NUMBER", tcbInfo({ tcbEvaluationDataNumber: 17 }))).toBe("17, of two that differ")
    expect(actual("TCB_EVALUATION_NUMBER", { values: { minTcbEvaluationDataNumber: 19 } })).toBe("18")
  })

  test("attributes are the manifest's to name", () => {
    const manifest = (change: Change): unknown =>
      judge(change).verdict.checks.find(({ id }) => id === "TD_ATTRIBUTES")?.manifest

    expect(manifest({})).toBeUndefined()
    expect(manifest({ values: { tdAttributes: new Uint8Array(8) } })).toBe("ReferenceValues.tdx[0].TdAttributes")
  })

  test("a refusal names its place in the manifest", () => {
    const check = judge({ values: { rtmrs } }).verdict.checks.find(({ outcome }) => outcome === "fail")

    expect(check).toMatchObject({ subject: "quote.rtmrs[0]", manifest: "ReferenceValues.tdx[0].Rtmrs[0]" })
  })
})

test("every code of the closed list has a row above in which it refuses", () => {
  expect(TDX_CODES.filter((code) => !tested.has(code))).toEqual([])
})
