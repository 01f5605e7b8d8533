import { existsSync, readFileSync } from "node:fs"
import path from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals"
import { decodeHex } from "@contrast/crypto"
import { CRL, Lab } from "./lab.ts"
import { serve } from "./vendor-server.ts"

const FMSPC = "00806f050000"
const TCB_PATH = `/tdx/certification/v4/tcb?fmspc=${FMSPC}&update=standard`
const QE_PATH = "/tdx/certification/v4/qe/identity?update=standard"
const PCK_CRL_PATH = "/sgx/certification/v4/pckcrl?ca=platform&encoding=der"
const ROOT_CRL_PATH = "/sgx/certification/v4/rootcacrl"
const QUERY = { fmspc: decodeHex(FMSPC), ca: "platform", minimumEvaluation: 0 } as const

const CHAIN = "-----BEGIN CERTIFICATE-----\nMII+/=\n-----END CERTIFICATE-----\n"
const TCB_HEADERS = { "TCB-Info-Issuer-Chain": encodeURIComponent(CHAIN) }
const QE_HEADERS = { "SGX-Enclave-Identity-Issuer-Chain": encodeURIComponent(CHAIN) }

interface Times {
  readonly issueDate?: string
  readonly nextUpdate?: string
  readonly tcbEvaluationDataNumber?: number
}

function statement(name: string, times: Times = {}): string {
  const fill = { issueDate: "2026-02-20T00:00:00Z", nextUpdate: "2026-03-20T00:00:00Z", tcbEvaluationDataNumber: 18 }
  return JSON.stringify({ [name]: { ...fill, ...times }, signature: "00" })
}

let lab: Lab
beforeEach(async () => {
  lab = await Lab.start()
  lab.vendor.answers
    .set(TCB_PATH, serve(statement("tcbInfo"), TCB_HEADERS))
    .set(QE_PATH, serve(statement("enclaveIdentity"), QE_HEADERS))
    .set(PCK_CRL_PATH, serve(CRL))
    .set(ROOT_CRL_PATH, serve(Buffer.from(CRL).toString("hex")))
})
afterEach(() => lab.close())

describe("what Intel publishes", () => {
  test("is TCB info and QE identity with their signers' certificates, and two lists", async () => {
    const { tcbInfo, qeIdentity, rootCrl, pckCrl, problems } = await lab.store().intel(QUERY, "cached")

    expect(problems).toEqual([])
    expect(Buffer.from(tcbInfo?.body ?? []).toString()).toBe(statement("tcbInfo"))
    expect(Buffer.from(tcbInfo?.issuerChain ?? []).toString()).toBe(CHAIN)
    expect(Buffer.from(qeIdentity?.issuerChain ?? []).toString()).toBe(CHAIN)
    expect([rootCrl, pckCrl]).toEqual([CRL, CRL])
  })

  test("is asked for daily, and the last good set stays", async () => {
    await lab.store().intel(QUERY, "cached")
    await lab.store().intel(QUERY, "cached")
    expect(lab.vendor.asked).toHaveLength(4)

    lab.clock.ms += 24 * 60 * 60 * 1000
    lab.vendor.answers.clear()
    const { tcbInfo, qeIdentity, rootCrl, pckCrl, problems } = await lab.store().intel(QUERY, "cached")

    expect(lab.vendor.asked).toHaveLength(8)
    expect([tcbInfo, qeIdentity, rootCrl, pckCrl]).not.toContain(undefined)
    expect(problems).toHaveLength(4)
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

    expect(Buffer.from(tcbInfo?.body ?? []).toString()).toBe(isTaken ? next : statement("tcbInfo"))
    expect(problems).toHaveLength(isTaken ? 0 : 1)
  })

  test.each<[string, string, Readonly<Record<string, string>>]>([
    ["no certificates", statement("tcbInfo"), {}],
    ["certificates that cannot be decoded", statement("tcbInfo"), { "TCB-Info-Issuer-Chain": "%E0%A4%A" }],
    ["another statement", statement("enclaveIdentity"), TCB_HEADERS],
    ["a time without its zone", statement("tcbInfo", { issueDate: "2026-02-20T00:00:00" }), TCB_HEADERS],
    ["a month too many", statement("tcbInfo", { nextUpdate: "2026-13-01T00:00:00Z" }), TCB_HEADERS],
    ["a number that is a text", statement("tcbInfo").replace("18", '"18"'), TCB_HEADERS],
    ["no JSON", "tcbInfo", TCB_HEADERS],
    ["nothing but brackets", "[".repeat(200_000), TCB_HEADERS],
    ["more than there can be", statement("tcbInfo") + " ".repeat(256 * 1024), TCB_HEADERS],
  ])("with %s is of no use", async (_name, body, headers) => {
    lab.vendor.answers.set(TCB_PATH, serve(body, headers))

    const { tcbInfo, problems } = await lab.store().intel(QUERY, "cached")

    expect(tcbInfo).toBeUndefined()
    expect(problems).toEqual([
      expect.stringMatching(/^Intel did not provide Intel's TCB info for FMSPC 00806f050000: /),
    ])
  })

  test("has its root list at an address of its own when one is named", async () => {
    lab.vendor.answers.set("/IntelSGXRootCA.der", serve(CRL))

    await lab.store({ intelRootCrlUrl: `${lab.vendor.url}/IntelSGXRootCA.der` }).intel(QUERY, "cached")

    expect(lab.vendor.asked).toContain("/IntelSGXRootCA.der")
  })
})

const vectors = path.join(
  process.env["CONTRAST_VECTORS"] ?? path.join(import.meta.dirname, "../../../../shared/vectors"),
  "attestation/go-tdx-guest",
)

// The outside vectors are not part of the project: without them there is nothing real to serve.
;(existsSync(vectors) ? describe : describe.skip)("Intel's own files", () => {
  const read = (name: string): Buffer => readFileSync(path.join(vectors, name))

  test("come through unchanged, with the header as the service sends it", async () => {
    lab.clock.ms = Date.parse("2023-07-01T00:00:00Z")
    const chain = read("tcb_info_issuer_chain.header").toString().trim()
    lab.vendor.answers
      .set(TCB_PATH, serve(read("sample_tcbInfo_response"), { "TCB-Info-Issuer-Chain": chain }))
      .set(QE_PATH, serve(read("sample_qeIdentity_response"), { "SGX-Enclave-Identity-Issuer-Chain": chain }))
      .set(PCK_CRL_PATH, serve(read("pckcrl")))
      .set(ROOT_CRL_PATH, serve(read("rootcrl.der")))

    const found = await lab.store().intel(QUERY, "cached")

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
