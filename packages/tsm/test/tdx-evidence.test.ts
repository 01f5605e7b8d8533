import { EVIDENCE_OIDS, encodeTdxDocument } from "@contrast/attestation"
import { signIntelQuote, TsmKernel, type TsmKernelOptions } from "@contrast/test-authority"
import { expect, test } from "@jest/globals"
import { DIRECTORY, issuerOver, REPORT_DATA } from "./played.ts"

function tdxKernel(outblob: (reportData: Uint8Array) => Uint8Array): TsmKernel {
  const answer: TsmKernelOptions["answer"] = (reportData) => ({ outblob: outblob(reportData) })
  return new TsmKernel({ directory: DIRECTORY, provider: "tdx_guest", answer })
}

test.each([4, 5] as const)("a quote of version %i becomes a document, with its padding", async (version) => {
  const quotes: Uint8Array[] = []
  const kernel = tdxKernel((reportData) => {
    const quote = signIntelQuote({ version, reportData, padding: 100 })
    quotes.push(quote)
    return quote
  })

  const evidence = await issuerOver(kernel, { platform: "tdx" }).issuer.issue(REPORT_DATA)

  expect(evidence.oid).toBe(EVIDENCE_OIDS.tdx)
  expect(quotes.map(encodeTdxDocument)).toEqual([evidence.document])
})

test("nothing is asked for that TDX does not have", async () => {
  const kernel = tdxKernel((reportData) => signIntelQuote({ reportData }))

  await issuerOver(kernel, { platform: "tdx" }).issuer.issue(REPORT_DATA)

  expect(kernel.operations).toEqual([
    ...["mkdir entry", "read generation", "read provider", "write inblob", "read outblob", "read generation"],
    "rmdir entry",
  ])
})

test.each<[string, string, (reportData: Uint8Array) => Uint8Array]>([
  ["ANSWER", "no quote", () => new Uint8Array(1184)],
  ["ANSWER", "a quote that is cut off", (reportData) => signIntelQuote({ reportData }).subarray(0, 700)],
  ["REPORT_DATA", "a quote about other report data", () => signIntelQuote({ reportData: new Uint8Array(64) })],
])("%s refuses %s", async (code, _title, outblob) => {
  const { issuer } = issuerOver(tdxKernel(outblob), { platform: "tdx" })

  await expect(issuer.issue(REPORT_DATA)).rejects.toMatchObject({ code })
})
