import { describe, expect, test } from "@jest/globals"
import { encodeHex } from "@contrast/crypto"
import {
  AMD_TCB,
  amdAuthorities,
  amdHardwareId,
  amdTestRoots,
  createIntelAuthority,
  createStranger,
  INTEL_PLATFORM,
  intelAuthorities,
  intelChain,
  issueAmdCrl,
  issueAmdLeaf,
  issueIntelCrl,
  issueQeIdentity,
  issueTcbInfo,
} from "@contrast/test-authority"
import { isVendorsOwn, type Publication } from "../src/index.ts"

const { root, platformCa, processorCa } = intelAuthorities()
const ROOTS = { amdRoots: amdTestRoots(), intelRoot: root.certificate }
const { fmc, ...tcb } = AMD_TCB
const MILAN = { kind: "vcek", line: "Milan", hardwareId: amdHardwareId("Milan"), tcb } as const
const TURIN = { kind: "vcek", line: "Turin", hardwareId: amdHardwareId("Turin"), tcb: { ...tcb, fmc } } as const
const FMSPC = encodeHex(INTEL_PLATFORM.fmspc)
const PCK_CRL = { body: issueIntelCrl({ signer: platformCa }), issuerChain: intelChain(platformCa, root) }

const impostor = createIntelAuthority({ commonName: "Intel SGX PCK Platform CA" })
const signer = createIntelAuthority({ commonName: "Intel SGX TCB Signing" })
const otherRoot = createIntelAuthority({ commonName: "Intel SGX Root CA" })

const OWN: readonly (readonly [string, Publication])[] = [
  ["a VCEK of Milan", { ...MILAN, der: issueAmdLeaf() }],
  ["a VCEK of Turin", { ...TURIN, der: issueAmdLeaf({ line: "Turin" }) }],
  ["a list of AMD", { kind: "amd-crl", line: "Genoa", der: issueAmdCrl({ line: "Genoa" }) }],
  ["a TCB info", { kind: "tcb-info", fmspc: FMSPC, signed: issueTcbInfo() }],
  ["an identity of the quoting enclave", { kind: "qe-identity", signed: issueQeIdentity() }],
  ["a list of Intel's root", { kind: "root-crl", der: issueIntelCrl({ signer: root }) }],
  ["a list of a PCK authority", { kind: "pck-crl", ca: "platform", signed: PCK_CRL }],
]

describe("what a vendor published", () => {
  test.each(OWN)("is told by its signature: %s", (_name, publication) => {
    expect(isVendorsOwn(publication, ROOTS)).toBe(true)
    expect(isVendorsOwn(publication)).toBe(false)
  })

  test.each<[string, Publication]>([
    ["a leaf by a stranger", { ...MILAN, der: issueAmdLeaf({ issuer: createStranger("SEV-Milan") }) }],
    ["a leaf by the issuer of VLEKs", { ...MILAN, der: issueAmdLeaf({ issuer: amdAuthorities("Milan").asvk }) }],
    ["a VLEK", { ...MILAN, der: issueAmdLeaf({ kind: "VLEK", issuer: amdAuthorities("Milan").ask }) }],
    ["a leaf of another chip", { ...MILAN, der: issueAmdLeaf({ hardwareId: new Uint8Array(64).fill(9) }) }],
    ["a leaf of another TCB version", { ...MILAN, der: issueAmdLeaf({ tcb: { microcode: 116 } }) }],
    ["a leaf of another line", { ...MILAN, der: issueAmdLeaf({ line: "Genoa" }) }],
    ["no leaf", { ...MILAN, der: issueAmdCrl() }],
    [
      "a list by a stranger",
      { kind: "amd-crl", line: "Milan", der: issueAmdCrl({ signer: createStranger("ARK-Milan") }) },
    ],
    ["a list of another line", { kind: "amd-crl", line: "Milan", der: issueAmdCrl({ line: "Genoa" }) }],
    ["no list", { kind: "amd-crl", line: "Milan", der: issueAmdLeaf() }],
    ["a TCB info by a stranger", { kind: "tcb-info", fmspc: FMSPC, signed: issueTcbInfo({ signer }) }],
    [
      "a TCB info by a platforms' authority",
      { kind: "tcb-info", fmspc: FMSPC, signed: issueTcbInfo({ signer: platformCa }) },
    ],
    ["a TCB info of another family", { kind: "tcb-info", fmspc: "00".repeat(6), signed: issueTcbInfo() }],
    ["a TCB info of SGX", { kind: "tcb-info", fmspc: FMSPC, signed: issueTcbInfo({ content: { id: "SGX" } }) }],
    ["an identity in place of a TCB info", { kind: "tcb-info", fmspc: FMSPC, signed: issueQeIdentity() }],
    ["an altered TCB info", { kind: "tcb-info", fmspc: FMSPC, signed: altered(issueTcbInfo()) }],
    ["an identity by a stranger", { kind: "qe-identity", signed: issueQeIdentity({ signer }) }],
    ["an identity of SGX", { kind: "qe-identity", signed: issueQeIdentity({ content: { id: "QE" } }) }],
    ["a root's list by a stranger", { kind: "root-crl", der: issueIntelCrl({ signer: otherRoot }) }],
    ["a root's list by an authority", { kind: "root-crl", der: PCK_CRL.body }],
    ["a list of the other authority", { kind: "pck-crl", ca: "processor", signed: PCK_CRL }],
    [
      "a list by an impostor",
      {
        kind: "pck-crl",
        ca: "platform",
        signed: { body: issueIntelCrl({ signer: impostor }), issuerChain: intelChain(impostor, root) },
      },
    ],
    [
      "a list under another root",
      {
        kind: "pck-crl",
        ca: "platform",
        signed: { body: issueIntelCrl({ signer: impostor }), issuerChain: intelChain(impostor, otherRoot) },
      },
    ],
    [
      "a list beside another authority's certificate",
      {
        kind: "pck-crl",
        ca: "processor",
        signed: { body: PCK_CRL.body, issuerChain: intelChain(processorCa, root) },
      },
    ],
    [
      "a list without certificates",
      { kind: "pck-crl", ca: "platform", signed: { body: PCK_CRL.body, issuerChain: new Uint8Array(0) } },
    ],
  ])("is not %s", (_name, publication) => {
    expect(isVendorsOwn(publication, ROOTS)).toBe(false)
  })

  test("has no line without authorities", () => {
    expect(isVendorsOwn({ ...MILAN, der: issueAmdLeaf() }, { amdRoots: {} })).toBe(false)
  })
})

/** Claims a far higher evaluation number, under the signature of the lower one. */
function altered({ body, issuerChain }: ReturnType<typeof issueTcbInfo>): ReturnType<typeof issueTcbInfo> {
  const text = Buffer.from(body).toString()
  return { body: Buffer.from(text.replace('DataNumber":18', 'DataNumber":999999')), issuerChain }
}
