import { existsSync, readFileSync } from "node:fs"
import path from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals"
import { parseVekExtensions } from "@contrast/attestation"
import { encodeHex, parseCertificate } from "@contrast/crypto"
import {
  amdAuthorities,
  createIntelAuthority,
  createStranger,
  INTEL_PLATFORM,
  intelAuthorities,
  intelChain,
  type IntelStatement,
  issueAmdCrl,
  issueAmdLeaf,
  issueIntelCrl,
  issueQeIdentity,
  issueTcbInfo,
} from "@contrast/test-authority"
import { type Content, type Item, vcekItem } from "../src/index.ts"
import { Lab, LEAF, LEAF_PATH, NOW, QUERY } from "./lab.ts"
import { type Behaviour, serve } from "./vendor-server.ts"

const { root, platformCa, tcbSigner } = intelAuthorities()
const stranger = createIntelAuthority({ commonName: "Intel SGX TCB Signing" })
const strangeRoot = createIntelAuthority({ commonName: "Intel SGX Root CA" })
const strangeCa = createIntelAuthority({ commonName: "Intel SGX PCK Platform CA", issuer: strangeRoot })

const FMSPC = encodeHex(INTEL_PLATFORM.fmspc)
const PERIOD = { issueDate: "2026-02-20T00:00:00Z", nextUpdate: "2026-03-20T00:00:00Z" }
const LIST_PERIOD = { thisUpdate: new Date("2026-02-20T00:00:00Z"), nextUpdate: new Date("2026-03-20T00:00:00Z") }
/** What forgers write: as new as can be, to last for ever. */
const FOREVER = {
  issueDate: "2026-02-28T00:00:00Z",
  nextUpdate: "2049-01-01T00:00:00Z",
  tcbEvaluationDataNumber: 4_000_000,
}
const LIST_FOREVER = { thisUpdate: new Date("2026-02-28T00:00:00Z"), nextUpdate: new Date("2049-01-01T00:00:00Z") }

/** An item, where it is asked for, the vendor's own answer, and what a forger has in its place. */
interface Case {
  readonly item: Item
  readonly path: string
  readonly header?: string
  readonly real: Content
  readonly forged: Content
}

const statement = (issue: typeof issueTcbInfo, signed: IntelStatement): Pick<Case, "real" | "forged"> => ({
  real: issue({ content: PERIOD }),
  forged: signed,
})

const CASES: readonly (readonly [string, Case])[] = [
  [
    "a leaf by a stranger",
    {
      item: vcekItem(QUERY),
      path: LEAF_PATH,
      real: { body: LEAF },
      forged: {
        body: issueAmdLeaf({ issuer: createStranger("SEV-Milan"), notAfter: new Date("2049-01-01T00:00:00Z") }),
      },
    },
  ],
  [
    "the leaf of another chip",
    {
      item: vcekItem(QUERY),
      path: LEAF_PATH,
      real: { body: LEAF },
      forged: { body: issueAmdLeaf({ hardwareId: new Uint8Array(64).fill(7) }) },
    },
  ],
  [
    "a list of AMD's by a stranger",
    {
      item: { kind: "amd-crl", line: "Milan", signer: "VCEK" },
      path: "/vcek/v1/Milan/crl",
      real: { body: issueAmdCrl() },
      forged: { body: issueAmdCrl({ signer: createStranger("ARK-Milan"), ...LIST_FOREVER }) },
    },
  ],
  [
    "a list of AMD's for another line",
    {
      item: { kind: "amd-crl", line: "Milan", signer: "VCEK" },
      path: "/vcek/v1/Milan/crl",
      real: { body: issueAmdCrl() },
      forged: { body: issueAmdCrl({ line: "Genoa", signer: amdAuthorities("Genoa").ark, ...LIST_FOREVER }) },
    },
  ],
  [
    "a TCB info by a stranger with a huge evaluation number",
    {
      item: { kind: "tcb-info", fmspc: FMSPC },
      path: `/tdx/certification/v4/tcb?fmspc=${FMSPC}&update=standard`,
      header: "TCB-Info-Issuer-Chain",
      ...statement(issueTcbInfo, issueTcbInfo({ content: FOREVER, signer: stranger })),
    },
  ],
  [
    "a TCB info by a stranger beside the real signer's certificate",
    {
      item: { kind: "tcb-info", fmspc: FMSPC },
      path: `/tdx/certification/v4/tcb?fmspc=${FMSPC}&update=standard`,
      header: "TCB-Info-Issuer-Chain",
      ...statement(issueTcbInfo, {
        ...issueTcbInfo({ content: FOREVER, signer: stranger }),
        issuerChain: intelChain(tcbSigner, root),
      }),
    },
  ],
  [
    "the TCB info of another family",
    {
      item: { kind: "tcb-info", fmspc: FMSPC },
      path: `/tdx/certification/v4/tcb?fmspc=${FMSPC}&update=standard`,
      header: "TCB-Info-Issuer-Chain",
      ...statement(issueTcbInfo, issueTcbInfo({ content: { ...FOREVER, fmspc: "00906ED50000" } })),
    },
  ],
  [
    "an identity by a stranger with a huge evaluation number",
    {
      item: { kind: "qe-identity" },
      path: "/tdx/certification/v4/qe/identity?update=standard",
      header: "SGX-Enclave-Identity-Issuer-Chain",
      ...statement(issueQeIdentity, issueQeIdentity({ content: FOREVER, signer: stranger })),
    },
  ],
  [
    "a list of Intel's root by a stranger",
    {
      item: { kind: "root-crl" },
      path: "/sgx/certification/v4/rootcacrl",
      real: { body: issueIntelCrl({ signer: root, ...LIST_PERIOD }) },
      forged: { body: issueIntelCrl({ signer: strangeRoot, ...LIST_FOREVER }) },
    },
  ],
  [
    "a list of a PCK authority under a stranger's root",
    {
      item: { kind: "pck-crl", ca: "platform" },
      path: "/sgx/certification/v4/pckcrl?ca=platform&encoding=der",
      header: "SGX-PCK-CRL-Issuer-Chain",
      real: { body: issueIntelCrl({ signer: platformCa, ...LIST_PERIOD }), issuerChain: intelChain(platformCa, root) },
      forged: {
        body: issueIntelCrl({ signer: strangeCa, ...LIST_FOREVER }),
        issuerChain: intelChain(strangeCa, strangeRoot),
      },
    },
  ],
]

let lab: Lab
beforeEach(async () => {
  lab = await Lab.start()
})
afterEach(() => lab.close())

describe.each(CASES)("%s", (_name, { item, path: asked, header, real, forged }) => {
  const answer = ({ body, issuerChain = new Uint8Array(0) }: Content): Behaviour =>
    serve(body, header === undefined ? {} : { [header]: encodeURIComponent(Buffer.from(issuerChain).toString()) })

  test("is not taken from a vendor or mirror that serves it, and not kept", async () => {
    lab.vendor.answers.set(asked, answer(forged))

    const { content, problem } = await lab.store().find(item, "cached")

    expect(content).toBeUndefined()
    expect(problem).toMatch(/: the answer is not signed by it, or is about something else$/)
    expect(await lab.cache.items()).toEqual([])
  })

  test("does not take the place of the real one, and does not keep it out later", async () => {
    const store = lab.store()
    lab.vendor.answers.set(asked, answer(real))
    await store.find(item, "cached")
    lab.vendor.answers.set(asked, answer(forged))
    lab.clock.ms += 61_000

    expect((await store.find(item, "refresh")).content).toEqual(real)

    lab.vendor.answers.set(asked, answer(real))
    lab.clock.ms += 61_000
    expect(await store.find(item, "refresh")).toEqual({ content: real, problem: undefined })
  })

  test("is not used when the cache has it, and gives way to the real one", async () => {
    await lab.cache.write({ item, content: forged, fetchedAt: NOW })
    lab.vendor.answers.set(asked, answer(real))
    const store = lab.store()

    expect(await store.find(item, "held")).toEqual({ content: undefined, problem: undefined })
    expect(lab.events).toEqual([expect.stringMatching(/^the cache has something else in place of /)])
    expect(await store.find(item, "cached")).toEqual({ content: real, problem: undefined })
    expect((await lab.cache.read(item))?.content).toEqual(real)
  })
})

const vectors = path.join(
  process.env["CONTRAST_VECTORS"] ?? path.join(import.meta.dirname, "../../../../shared/vectors"),
  "attestation",
)

// The outside vectors are not part of the project: without them there is nothing real to serve.
const [suite, hint] = existsSync(vectors) ? [describe, ""] : [describe.skip, " (skipped: outside vectors not found)"]

suite(`AMD's own files${hint}`, () => {
  const read = (name: string): Uint8Array => new Uint8Array(readFileSync(path.join(vectors, name)))
  const itemOf = (der: Uint8Array): Item & { readonly kind: "vcek" } => {
    const { line = "Milan", tcb, hardwareId = new Uint8Array(64) } = parseVekExtensions(parseCertificate(der)) ?? {}
    const reportedTcb = { bootloader: 0, tee: 0, snp: 0, microcode: 0, ...tcb }
    return vcekItem({ line, chipId: hardwareId, reportedTcb }) as Item & { readonly kind: "vcek" } // by its maker
  }
  const serveLeaf = (item: Item & { readonly kind: "vcek" }, leaf: Uint8Array): void => {
    const parts = { fmcSPL: item.tcb.fmc, blSPL: item.tcb.bootloader, teeSPL: item.tcb.tee, snpSPL: item.tcb.snp }
    const query = Object.entries({ ...parts, ucodeSPL: item.tcb.microcode }).flatMap(([name, version]) =>
      version === undefined ? [] : `${name}=${String(version).padStart(2, "0")}`,
    )
    lab.vendor.answers.set(`/vcek/v1/${item.line}/${item.chipId}?${query.join("&")}`, serve(leaf))
  }
  const BELIEVING_AMD = { roots: {} }

  test.each(["virtee-sev/vcek_milan.der", "virtee-sev/vcek_turin.der", "trustee/snp/test-vcek.der"])(
    "come through unchanged and are kept: %s",
    async (name) => {
      const leaf = read(name)
      const item = itemOf(leaf)
      serveLeaf(item, leaf)

      const found = await lab.store(BELIEVING_AMD).find(item, "cached")

      expect(found).toEqual({ content: { body: leaf }, problem: undefined })
      expect(await lab.cache.items()).toEqual([item])
    },
  )

  test.each(["trustee/snp/test-vcek-invalid-new.der", "trustee/snp/test-vcek-invalid-legacy.der"])(
    "are told from altered ones: %s",
    async (name) => {
      const item = itemOf(read("trustee/snp/test-vcek.der"))
      serveLeaf(item, read(name))

      const { content, problem } = await lab.store(BELIEVING_AMD).find(item, "cached")

      expect([content, await lab.cache.items()]).toEqual([undefined, []])
      expect(problem).toMatch(/not signed by it/)
    },
  )

  test("are told from those of other chips", async () => {
    const item = itemOf(read("virtee-sev/vcek_milan.der"))
    serveLeaf(item, read("trustee/snp/test-vcek.der"))

    expect((await lab.store(BELIEVING_AMD).find(item, "cached")).problem).toMatch(/about something else/)
  })
})
