import { amdSigningKey, createStranger, issueAmdCrl, issueAmdLeaf } from "@contrast/test-authority"
import { describe, expect, test } from "@jest/globals"
import { selectEndorsements, type EndorsementCandidates } from "../../src/snp/endorsements.ts"
import { NOW, roots, signReport } from "./played.ts"

const NOTHING: EndorsementCandidates = { vcek: undefined, vlek: undefined, crl: undefined }
const good: EndorsementCandidates = { vcek: issueAmdLeaf(), vlek: issueAmdLeaf({ kind: "VLEK" }), crl: issueAmdCrl() }
const expired = issueAmdCrl({ nextUpdate: new Date("2026-05-31T00:00:00Z") })

const select = (report: Uint8Array, candidates: Partial<EndorsementCandidates> = {}): EndorsementCandidates =>
  selectEndorsements(report, { ...good, ...candidates }, { now: NOW, roots })

describe("of what a host offers, evidence gets", () => {
  test.each([
    ["the VCEK", "VCEK", { vcek: good.vcek, vlek: undefined, crl: good.crl }],
    ["the VLEK", "VLEK", { vcek: undefined, vlek: good.vlek, crl: good.crl }],
  ] as const)("%s and the list, for a report that it signed", (_title, kind, expected) => {
    expect(select(signReport({ kind }))).toEqual(expected)
  })

  test.each([
    ["none", undefined],
    ["one that has ended", expired],
    ["one of another line", issueAmdCrl({ line: "Genoa" })],
    ["one that is unreadable", Uint8Array.of(0x30, 0)],
  ])("the leaf without its list, if that is %s", (_title, crl) => {
    expect(select(signReport(), { crl })).toEqual({ ...NOTHING, vcek: good.vcek })
  })

  test.each<[string, Uint8Array, Partial<EndorsementCandidates>]>([
    ["there is no leaf of the kind that signed", signReport(), { vcek: undefined }],
    ["the leaf is no certificate", signReport(), { vcek: Uint8Array.of(1) }],
    ["the leaf is not AMD's", signReport(), { vcek: issueAmdLeaf({ issuer: createStranger("SEV-Milan") }) }],
    ["the leaf is of another TCB version", signReport(), { vcek: issueAmdLeaf({ tcb: { microcode: 200 } }) }],
    ["another key signed", signReport({ key: amdSigningKey("VLEK") }), {}],
    ["the report is cut", signReport().subarray(1), {}],
    ["the report is too long", new Uint8Array([...signReport(), 0]), {}],
  ])("nothing, if %s", (_title, report, candidates) => {
    expect(select(report, candidates)).toEqual(NOTHING)
  })

  test("nothing that is only good by other roots than AMD's", () => {
    expect(selectEndorsements(signReport(), good, { now: NOW })).toEqual(NOTHING)
  })
})
