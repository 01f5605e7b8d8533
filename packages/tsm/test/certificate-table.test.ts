import { concatBytes } from "@contrast/crypto"
import { createStranger, issueAmdCrl, issueAmdLeaf, amdTestRoots } from "@contrast/test-authority"
import { describe, expect, test } from "@jest/globals"
import fc from "fast-check"
import { readCertificateTable } from "../src/certificate-table.ts"
import { type Blobs, ENTRY_BYTES, GUIDS, guidBytes, table } from "./host-table.ts"
import { issuerOver, REPORT_DATA, signReport, snpKernel } from "./played.ts"

const leaf = issueAmdLeaf()
const crl = issueAmdCrl()

test("the first three groups of a GUID are little-endian", () => {
  expect(Buffer.from(guidBytes(GUIDS.vcek)).toString("hex")).toMatch(/^8d75da63/)
})

test("leaves and revocation list are found, and other entries passed over", () => {
  const read = readCertificateTable(
    table([
      [GUIDS.ask, leaf],
      [GUIDS.vcek, leaf],
      [GUIDS.crl, crl],
      [GUIDS.ark, leaf],
    ]),
  )

  expect([read.vcek, read.vlek, read.crl]).toEqual([leaf, undefined, crl])
})

const many: Blobs = Array.from({ length: 33 }, (_, index) => [
  `63da758d-e664-4564-adc5-${index.toString(16).padStart(12, "0")}`,
  Uint8Array.of(0x30, 0),
])
const good = table([[GUIDS.vcek, leaf]])
const changed = (offset: number, value: number): Uint8Array => {
  const copy = good.slice()
  new DataView(copy.buffer).setUint32(offset, value, true)
  return copy
}

test.each<[string, Uint8Array]>([
  ["is empty", new Uint8Array(0)],
  ["is all zeros", new Uint8Array(4096)],
  [
    "names a certificate twice",
    table([
      [GUIDS.vcek, leaf],
      [GUIDS.vcek, leaf],
    ]),
  ],
  ["has 33 entries", table(many)],
  ["points behind its end", changed(16, 0xffff_ffff)],
  ["claims more than there is", changed(20, good.length)],
  ["has a certificate of over 16 KiB", table([[GUIDS.vcek, concatBytes(leaf, new Uint8Array(16 * 1024))]])],
  ["has no last entry", table([[GUIDS.vcek, leaf]]).subarray(0, ENTRY_BYTES)],
  ["has PEM", table([[GUIDS.vcek, Buffer.from("-----BEGIN CERTIFICATE-----")]])],
])("nothing is taken of a table that %s", (_title, bytes) => {
  expect(readCertificateTable(bytes)).toEqual({ vcek: undefined, vlek: undefined, crl: undefined })
})

test("no bytes make the reader fail", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      readCertificateTable(bytes)
    }),
  )
})

describe("what the host hands out", () => {
  const issueWith = async (blobs: Blobs): Promise<Buffer> => {
    const auxblob = table(blobs)
    const kernel = snpKernel({ answer: (reportData) => ({ outblob: signReport(reportData), auxblob }) })
    const { issuer } = issuerOver(kernel, { amdRoots: amdTestRoots() })
    return Buffer.from((await issuer.issue(REPORT_DATA)).document)
  }

  const has = (document: Buffer, part: Uint8Array): boolean => document.includes(Buffer.from(part))

  test("travels with the evidence if it fits the report", async () => {
    const document = await issueWith([
      [GUIDS.vcek, leaf],
      [GUIDS.crl, crl],
    ])

    expect([has(document, leaf), has(document, crl)]).toEqual([true, true])
  })

  test.each<[string, Uint8Array]>([
    ["of another chip", issueAmdLeaf({ hardwareId: new Uint8Array(64).fill(1) })],
    ["of another TCB", issueAmdLeaf({ tcb: { microcode: 200 } })],
    ["of a stranger", issueAmdLeaf({ issuer: createStranger("SEV-Milan") })],
    ["that has run out", issueAmdLeaf({ notAfter: new Date("2026-01-01T00:00:00Z") })],
    ["of another line", issueAmdLeaf({ line: "Genoa" })],
    ["that is no certificate", concatBytes(Uint8Array.of(0x30), new Uint8Array(70).fill(0xee))],
  ])("is left out if it is a leaf %s, and evidence is issued without it", async (_title, other) => {
    const document = await issueWith([
      [GUIDS.vcek, other],
      [GUIDS.crl, crl],
    ])

    expect([has(document, other.subarray(0, 64)), has(document, crl)]).toEqual([false, false])
  })

  test("is left out if it is a list of yesterday; the leaf stays", async () => {
    const old = issueAmdCrl({ nextUpdate: new Date("2026-02-01T00:00:00Z") })
    const document = await issueWith([
      [GUIDS.vcek, leaf],
      [GUIDS.crl, old],
    ])

    expect([has(document, leaf), has(document, old)]).toEqual([true, false])
  })

  test("is left out by programs if it is by a played AMD", async () => {
    const kernel = snpKernel({
      answer: (reportData) => ({ outblob: signReport(reportData), auxblob: table([[GUIDS.vcek, leaf]]) }),
    })

    const { document } = await issuerOver(kernel).issuer.issue(REPORT_DATA)

    expect(has(Buffer.from(document), leaf)).toBe(false)
  })
})
