import { existsSync, readFileSync } from "node:fs"
import path from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals"
import { decodeHex } from "@contrast/crypto"
import { intelAuthorities, intelChain, issueIntelCrl, issueQeIdentity, issueTcbInfo } from "@contrast/test-authority"
import { Lab } from "./lab.ts"
import { serve } from "./vendor-server.ts"

const FMSPC = "00806f050000"
const TCB_PATH = `/tdx/certification/v4/tcb?fmspc=${FMSPC}&update=standard`
const QE_PATH = "/tdx/certification/v4/qe/identity?update=standard"
const PCK_CRL_PATH = "/sgx/certification/v4/pckcrl?ca=platform&encoding=der"
const ROOT_CRL_PATH = "/sgx/certification/v4/rootcacrl"
const QUERY = { fmspc: decodeHex(FMSPC), ca: "platform", minimumEvaluation: 0 } as const

const { root, platformCa } = intelAuthorities()
const CHAIN = Buffer.from(issueTcbInfo().issuerChain).toString()
const TCB_HEADERS = { "TCB-Info-Issuer-Chain": encodeURIComponent(CHAIN) }
const QE_HEADERS = { "SGX-Enclave-Identity-Issuer-Chain": encodeURIComponent(CHAIN) }
const PCK_CRL_CHAIN = Buffer.from(intelChain(platformCa, root)).toString()
const PCK_CRL_HEADERS = { "SGX-PCK-CRL-Issuer-Chain": encodeURIComponent(PCK_CRL_CHAIN) }
const PERIOD = { thisUpdate: new Date("2026-02-20T00:00:00Z"), nextUpdate: new Date("2026-03-20T00:00:00Z") }
const ROOT_CRL = issueIntelCrl({ signer: root, ...PERIOD })
const PCK_CRL = issueIntelCrl({ signer: platformCa, ...PERIOD })

interface Times {
  readonly issueDate?: string
  readonly nextUpdate?: string
  readonly tcbEvaluationDataNumber?: number | string
}

function statement(name: "tcbInfo" | "enclaveIdentity", times: Times = {}): string {
  const period = { issueDate: "2026-02-20T00:00:00Z", nextUpdate: "2026-03-20T00:00:00Z" }
  const issue = name === "tcbInfo" ? issueTcbInfo : issueQeIdentity
  const content = { ...(name === "tcbInfo" && { fmspc: FMSPC }), ...period, ...times }
  return Buffer.from(issue({ content }).body).toString()
}

const TCB_INFO = statement("tcbInfo")
const QE_IDENTITY = statement("enclaveIdentity")

let lab: Lab
beforeEach(async () => {
  lab = await Lab.start()
  lab.vendor.answers
    .set(TCB_PATH, serve(TCB_INFO, TCB_HEADERS))
    .set(QE_PATH, serve(QE_IDENTITY, QE_HEADERS))
    .set(PCK_CRL_PATH, serve(Buffer.from(PCK_CRL).toString("hex"), PCK_CRL_HEADERS))
    .set(ROOT_CRL_PATH, serve(ROOT_CRL))
})
afterEach(() => lab.close())

describe("what Intel publishes", () => {
  test("is TCB info and QE identity with their signers' certificates, and two lists", async () => {
    const { tcbInfo, qeIdentity, rootCrl, pckCrl, problems } = await lab.store().intel(QUERY, "cached")

    expect(problems).toEqual([])
    expect(Buffer.from(tcbInfo?.body ?? []).toString()).toBe(TCB_INFO)
    expect(Buffer.from(tcbInfo?.issuerChain ?? []).toString()).toBe(CHAIN)
    expect(Buffer.from(qeIdentity?.issuerChain ?? []).toString()).toBe(CHAIN)
    expect([rootCrl, pckCrl]).toEqual([ROOT_CRL, PCK_CRL])
  })

  test("is asked for daily, and the last good set stays", async () => {
    await lab.store().intel(QUERY, "cached")
    await lab.store().intel(QUERY, "cached")
    expect(lab.vendor.asked).toHaveLength(4)

    lab.clock.ms += 24 * 60 * 60 * 1000
    lab.vendor.answers.clear()
    const store = lab.store()
    const first = await store.intel(QUERY, "cached")
    const { tcbInfo, qeIdentity, rootCrl, pckCrl, problems } = await store.intel(QUERY, "refresh")

    expect(lab.vendor.asked).toHaveLength(8)
    expect([tcbInfo, qeIdentity, rootCrl, pckCrl]).not.toContain(undefined)
    expect([first.problems.length, problems.length]).toEqual([0, 4])
  })

  test.each<[string, Times, boolean]>([
    ["a lower evaluation number", { tcbEvaluationDataNumber: 17, issueDate: "2026-02-28T00:00:00Z" }, false],
    ["an earlier day", { issueDate: "2026-02-19T00:00:00Z" }, false],
    ["a day to come", { issueDate: "2026-03-09T00:00:00Z" }, false],
    ["the same", {}, true],
    ["a higher evaluation number", { tcbEvaluationDataNumber: 19, issueDate: "2026-02-01T00:00:00Z" }, true],
  ])("with %s takes the place of what is kept only if it is newer", async (_name, times, isTaken) => {
    await lab.store().intel(QUERY, "cached")
    lab.clock.ms += 61_000
    const next = statement("tcbInfo", times)
    lab.vendor.answers.set(TCB_PATH, serve(next, TCB_HEADERS))

    const { tcbInfo, problems } = await lab.store().intel(QUERY, "refresh")

    expect(Buffer.from(tcbInfo?.body ?? []).toString()).toBe(isTaken ? next : TCB_INFO)
    expect(problems).toHaveLength(isTaken ? 0 : 1)
  })

  test("is asked for by its number where the standard is older than what has ended", async () => {
    const early = { tcbEvaluationDataNumber: 19 }
    lab.vendor.answers.set(TCB_PATH, serve(statement("tcbInfo", early), TCB_HEADERS))
    await lab.store().intel(QUERY, "cached")

    lab.clock.ms = Date.parse("2026-04-01T00:00:00Z")
    const period = { issueDate: "2026-03-31T00:00:00Z", nextUpdate: "2026-04-30T00:00:00Z" }
    const renewed = statement("tcbInfo", { ...early, ...period })
    lab.vendor.answers
      .set(TCB_PATH, serve(statement("tcbInfo", period), TCB_HEADERS))
      .set(TCB_PATH.replace("update=standard", "tcbEvaluationDataNumber=19"), serve(renewed, TCB_HEADERS))
    const { tcbInfo } = await lab.store().intel(QUERY, "cached")

    expect(Buffer.from(tcbInfo?.body ?? []).toString()).toBe(renewed)
  })

  describe("as the standard is older than what is demanded", () => {
    const DEMANDING = { ...QUERY, minimumEvaluation: 20 }
    const NEWEST_TCB_PATH = TCB_PATH.replace("update=standard", "tcbEvaluationDataNumber=20")
    const NEWEST_QE_PATH = QE_PATH.replace("update=standard", "tcbEvaluationDataNumber=20")
    const newest = { tcbEvaluationDataNumber: 20 }

    test("is asked for by its number, beside the standard", async () => {
      const [tcbInfo, qeIdentity] = [statement("tcbInfo", newest), statement("enclaveIdentity", newest)]
      lab.vendor.answers
        .set(NEWEST_TCB_PATH, serve(tcbInfo, TCB_HEADERS))
        .set(NEWEST_QE_PATH, serve(qeIdentity, QE_HEADERS))

      const found = await lab.store().intel(DEMANDING, "cached")
      const held = await lab.store().intel(DEMANDING, "held")

      expect(Buffer.from(found.tcbInfo?.body ?? []).toString()).toBe(tcbInfo)
      expect(Buffer.from(found.qeIdentity?.body ?? []).toString()).toBe(qeIdentity)
      expect(found.problems).toEqual([])
      expect(held).toEqual(found)
      expect(Buffer.from((await lab.store().intel(QUERY, "held")).tcbInfo?.body ?? []).toString()).toBe(TCB_INFO)
    })

    test("and not served by its number, is the standard with the reason", async () => {
      const { tcbInfo, problems } = await lab.store().intel(DEMANDING, "cached")

      expect(Buffer.from(tcbInfo?.body ?? []).toString()).toBe(TCB_INFO)
      expect(problems).toEqual([
        expect.stringMatching(/TCB info for FMSPC 00806f050000 \(evaluation number 20\): it has no such thing/),
        expect.stringMatching(/identity of the TD quoting enclave \(evaluation number 20\): it has no such thing/),
      ])
    })

    test("is not taken with another number than was asked for", async () => {
      lab.vendor.answers.set(NEWEST_TCB_PATH, serve(statement("tcbInfo", { tcbEvaluationDataNumber: 21 }), TCB_HEADERS))

      const { problems } = await lab.store().intel(DEMANDING, "cached")

      expect(problems[0]).toMatch(/\(evaluation number 20\): the answer cannot be read/)
    })

    test("is not asked for by its number when the standard suffices", async () => {
      await lab.store().intel({ ...QUERY, minimumEvaluation: 18 }, "cached")

      expect(lab.vendor.asked.toSorted()).toEqual([TCB_PATH, QE_PATH, PCK_CRL_PATH, ROOT_CRL_PATH].toSorted())
    })
  })

  test.each<[string, string, Readonly<Record<string, string>>]>([
    ["no certificates", TCB_INFO, {}],
    ["certificates that cannot be decoded", TCB_INFO, { "TCB-Info-Issuer-Chain": "%E0%A4%A" }],
    ["another statement", QE_IDENTITY, TCB_HEADERS],
    ["a time without its zone", statement("tcbInfo", { issueDate: "2026-02-20T00:00:00" }), TCB_HEADERS],
    ["a month too many", statement("tcbInfo", { nextUpdate: "2026-13-01T00:00:00Z" }), TCB_HEADERS],
    ["a number that is a text", statement("tcbInfo", { tcbEvaluationDataNumber: "18" }), TCB_HEADERS],
    ["no JSON", "tcbInfo", TCB_HEADERS],
    ["nothing but brackets", "[".repeat(200_000), TCB_HEADERS],
    ["more than there can be", TCB_INFO + " ".repeat(256 * 1024), TCB_HEADERS],
  ])("with %s is of no use", async (_name, body, headers) => {
    lab.vendor.answers.set(TCB_PATH, serve(body, headers))

    const { tcbInfo, problems } = await lab.store().intel(QUERY, "cached")

    expect(tcbInfo).toBeUndefined()
    expect(problems).toEqual([
      expect.stringMatching(/^Intel did not provide Intel's TCB info for FMSPC 00806f050000: /),
    ])
  })

  test("has its root list at an address of its own when one is named", async () => {
    lab.vendor.answers.set("/IntelSGXRootCA.der", serve(ROOT_CRL))

    await lab.store({ intelRootCrlUrl: `${lab.vendor.url}/IntelSGXRootCA.der` }).intel(QUERY, "cached")

    expect(lab.vendor.asked).toContain("/IntelSGXRootCA.der")
  })
})

/** The shipped roots. */
const BELIEVING_INTEL = { roots: {} }

const vectors = path.join(
  process.env["CONTRAST_VECTORS"] ?? path.join(import.meta.dirname, "../../../../shared/vectors"),
  "attestation/go-tdx-guest",
)

// The outside vectors are not part of the project: without them there is nothing real to serve.
const [suite, hint] = existsSync(vectors) ? [describe, ""] : [describe.skip, " (skipped: outside vectors not found)"]

suite(`Intel's own files${hint}`, () => {
  const read = (name: string): Buffer => readFileSync(path.join(vectors, name))

  test("come through unchanged, with the header as the service sends it", async () => {
    lab.clock.ms = Date.parse("2023-07-01T00:00:00Z")
    const { fmspc } = (JSON.parse(read("sample_tcbInfo_response").toString()) as { tcbInfo: { fmspc: string } }).tcbInfo
    const tcbPath = `/tdx/certification/v4/tcb?fmspc=${fmspc.toLowerCase()}&update=standard`
    const chain = read("tcb_info_issuer_chain.header").toString().trim()
    const pckChain = read("pck_crl_issuer_chain.header").toString().trim()
    lab.vendor.answers
      .set(tcbPath, serve(read("sample_tcbInfo_response"), { "TCB-Info-Issuer-Chain": chain }))
      .set(QE_PATH, serve(read("sample_qeIdentity_response"), { "SGX-Enclave-Identity-Issuer-Chain": chain }))
      .set(PCK_CRL_PATH, serve(read("pckcrl"), { "SGX-PCK-CRL-Issuer-Chain": pckChain }))
      .set(ROOT_CRL_PATH, serve(read("rootcrl.der")))

    const query = { ...QUERY, fmspc: decodeHex(fmspc) }
    const found = await lab.store(BELIEVING_INTEL).intel(query, "cached")

    const bytes = (name: string): Uint8Array => new Uint8Array(read(name))
    expect(found).toEqual({
      tcbInfo: { body: bytes("sample_tcbInfo_response"), issuerChain: bytes("tcb_info_issuer_chain.pem") },
      qeIdentity: { body: bytes("sample_qeIdentity_response"), issuerChain: bytes("tcb_info_issuer_chain.pem") },
      rootCrl: bytes("rootcrl.der"),
      pckCrl: bytes("pckcrl"),
      problems: [],
    })
  })
})
