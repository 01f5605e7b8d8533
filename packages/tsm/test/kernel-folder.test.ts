import { existsSync, readFileSync } from "node:fs"
import { readdir, writeFile } from "node:fs/promises"
import path from "node:path"
import {
  encodeTdxDocument,
  type Issuer,
  parseReport,
  parseSnpDocument,
  parseTdxDocument,
  parseTdxQuote,
} from "@contrast/attestation"
import { amdTestRoots, issueAmdCrl, issueAmdLeaf, signIntelQuote } from "@contrast/test-authority"
import { afterEach, describe, expect, test } from "@jest/globals"
import { createTsmIssuer, detectPlatform, type TsmIssuerOptions } from "../src/index.ts"
import { GUIDS, table } from "./host-table.ts"
import { KernelFolder, type KernelFolderOptions } from "./kernel-folder.ts"
import { NOW, REPORT_DATA, signReport } from "./played.ts"

let folder: KernelFolder
afterEach(() => folder.close())

async function issuerOver(
  options: KernelFolderOptions,
  rest: Partial<TsmIssuerOptions> = {},
): Promise<{ readonly issuer: Issuer; readonly platform: string }> {
  folder = await KernelFolder.create(options)
  const { directory, files } = folder
  const platform = await detectPlatform({ directory, files })
  const delay = (): Promise<void> => Promise.resolve()
  return { platform, issuer: createTsmIssuer({ platform, directory, files, now: () => NOW, delay, ...rest }) }
}

describe("over files of the system", () => {
  test("a report by a played AMD becomes evidence with the host's certificates, and nothing stays behind", async () => {
    const [vcek, crl] = [issueAmdLeaf(), issueAmdCrl()]
    const auxblob = table([
      [GUIDS.vcek, vcek],
      [GUIDS.crl, crl],
    ])
    const answer: KernelFolderOptions["answer"] = (reportData) => ({ outblob: signReport(reportData), auxblob })
    const { issuer, platform } = await issuerOver({ provider: "sev_guest", answer }, { amdRoots: amdTestRoots() })

    const document = parseSnpDocument((await issuer.issue(REPORT_DATA)).document)

    expect(platform).toBe("snp")
    expect(parseReport(document.report).reportData).toEqual(REPORT_DATA)
    expect([document.vcek, document.crl]).toEqual([vcek, crl])
    expect(await readdir(folder.directory)).toEqual([])
  })

  test("a report goes without certificates that the shipped roots do not know", async () => {
    const auxblob = table([[GUIDS.vcek, issueAmdLeaf()]])
    const answer: KernelFolderOptions["answer"] = (reportData) => ({ outblob: signReport(reportData), auxblob })
    const { issuer } = await issuerOver({ provider: "sev_guest", answer })

    const { vcek } = parseSnpDocument((await issuer.issue(REPORT_DATA)).document)

    expect(vcek?.length ?? 0).toBe(0)
  })

  test("a quote by a played Intel becomes evidence", async () => {
    const answer: KernelFolderOptions["answer"] = (reportData) => ({ outblob: signIntelQuote({ reportData }) })
    const { issuer, platform } = await issuerOver({ provider: "tdx_guest", answer })

    const quote = parseTdxDocument((await issuer.issue(REPORT_DATA)).document)

    expect(platform).toBe("tdx")
    expect(parseTdxQuote(quote).body.reportData).toEqual(REPORT_DATA)
    expect(await readdir(folder.directory)).toEqual([])
  })

  test("what another process writes in between is noticed by the generation", async () => {
    let answers = 0
    const answer: KernelFolderOptions["answer"] = (reportData) => {
      answers += 1
      return { outblob: signReport(reportData) }
    }
    const { issuer } = await issuerOver({ provider: "sev_guest", answer })
    const read = folder.files.read.bind(folder.files)
    const reads: string[] = []
    Object.assign(folder.files, {
      read: async (attribute: string, maxBytes: number) => {
        const isFirstAnswer = path.basename(attribute) === "outblob" && !reads.includes("outblob")
        reads.push(path.basename(attribute))
        const bytes = await read(attribute, maxBytes)
        if (isFirstAnswer) {
          const inblob = path.join(path.dirname(attribute), "inblob")
          await writeFile(inblob, new Uint8Array(64).fill(9))
          await folder.react(inblob)
        }
        return bytes
      },
    })

    const { report } = parseSnpDocument((await issuer.issue(REPORT_DATA)).document)

    expect(parseReport(report).reportData).toEqual(REPORT_DATA)
    expect(answers).toBe(3)
  })
})

const vectors = path.join(
  process.env["CONTRAST_VECTORS"] ?? path.join(import.meta.dirname, "../../../../shared/vectors"),
  "attestation",
)

// The outside vectors are not part of the project: without them there is nothing real to hand out.
const [suite, hint] = existsSync(vectors) ? [describe, ""] : [describe.skip, " (skipped: outside vectors not found)"]

suite(`real evidence over files of the system${hint}`, () => {
  const read = (name: string): Uint8Array => new Uint8Array(readFileSync(path.join(vectors, name)))
  const now = (): Date => new Date("2025-06-25T00:00:00Z")

  test.each([
    ["trustee/snp/test-report.bin", "vcek", "trustee/snp/test-vcek.der"],
    ["trustee/as-e2e/report.bin", "vcek", "trustee/as-e2e/vcek.der"],
    ["trustee/snp/test-vlek-report.bin", "vlek", "trustee/snp/test-vlek.der"],
  ] as const)("%s comes with its %s from the host's table", async (reportFile, kind, leafFile) => {
    const [outblob, leaf] = [read(reportFile), read(leafFile)]
    const auxblob = table([[GUIDS[kind], leaf]])
    const { issuer } = await issuerOver({ provider: "sev_guest", answer: () => ({ outblob, auxblob }) }, { now })

    const document = parseSnpDocument((await issuer.issue(parseReport(outblob).reportData)).document)

    expect(document.report).toEqual(outblob)
    expect(document[kind]).toEqual(leaf)
  })

  test("a report comes without the leaf of another chip", async () => {
    const outblob = read("trustee/snp/test-report.bin")
    const auxblob = table([[GUIDS.vcek, read("virtee-sev/vcek_milan.der")]])
    const { issuer } = await issuerOver({ provider: "sev_guest", answer: () => ({ outblob, auxblob }) }, { now })

    const { vcek } = parseSnpDocument((await issuer.issue(parseReport(outblob).reportData)).document)

    expect(vcek?.length ?? 0).toBe(0)
  })

  test.each(["dcap-qvl/tdx_quote", "go-tdx-guest/quote_v5_sample.dat", "go-tdx-guest/ccel/cos-113-tdx-quote.dat"])(
    "%s becomes a document",
    async (name) => {
      const outblob = read(name)
      const { issuer } = await issuerOver({ provider: "tdx_guest", answer: () => ({ outblob }) })

      const { document } = await issuer.issue(parseTdxQuote(outblob).body.reportData)

      expect(document).toEqual(encodeTdxDocument(outblob))
    },
  )

  test("a real answer to another request is refused", async () => {
    const outblob = read("dcap-qvl/tdx_quote")
    const { issuer } = await issuerOver({ provider: "tdx_guest", answer: () => ({ outblob }) })

    await expect(issuer.issue(REPORT_DATA)).rejects.toMatchObject({ code: "REPORT_DATA" })
  })
})
