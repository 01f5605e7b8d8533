import { EVIDENCE_OIDS } from "@contrast/attestation"
import { TsmKernel, type TsmKernelOptions } from "@contrast/test-authority"
import { expect, test } from "@jest/globals"
import { TsmError } from "../src/index.ts"
import { DIRECTORY, issuerOver, REPORT_DATA, signReport, snpKernel } from "./played.ts"

async function codeOf(running: Promise<unknown>): Promise<string> {
  try {
    await running
    return "issued"
  } catch (error) {
    if (error instanceof TsmError) return error.code
    throw error
  }
}

test("one request writes level and report data once each, reads the answer, and leaves nothing behind", async () => {
  const kernel = snpKernel()
  const { issuer, pausesMs } = issuerOver(kernel)

  const { oid, document } = await issuer.issue(REPORT_DATA)

  expect(oid).toBe(EVIDENCE_OIDS.snp)
  expect(Buffer.from(document).includes(Buffer.from(REPORT_DATA))).toBe(true)
  expect(kernel.operations).toEqual([
    ...["mkdir entry", "read generation", "read provider", "read privlevel_floor", "write privlevel", "write inblob"],
    ...["read outblob", "read auxblob", "read generation", "rmdir entry"],
  ])
  expect([kernel.entryCount, pausesMs.length]).toEqual([0, 0])
})

test("a kernel without levels and without a table answers as well", async () => {
  const answer: TsmKernelOptions["answer"] = (reportData) => ({ outblob: signReport(reportData) })
  const kernel = new TsmKernel({ directory: DIRECTORY, provider: "sev_guest", answer })

  expect(await codeOf(issuerOver(kernel).issuer.issue(REPORT_DATA))).toBe("issued")
  expect(kernel.operations).not.toContain("write privlevel")
})

test.each(["EBUSY", "EINTR", "EAGAIN", "ETIMEDOUT"])("%s is tried again, three times at most", async (code) => {
  const kernel = snpKernel()
  const { issuer, pausesMs } = issuerOver(kernel)
  for (let count = 0; count < 3; count++) kernel.failNext("read outblob", code)

  expect(await codeOf(issuer.issue(REPORT_DATA))).toBe("issued")
  expect(pausesMs).toEqual([100, 500, 2000])

  for (let count = 0; count < 4; count++) kernel.failNext("read outblob", code)
  expect(await codeOf(issuer.issue(REPORT_DATA))).toBe("BUSY")
  expect(kernel.entryCount).toBe(0)
})

test.each(["EINVAL", "EFBIG", "ENXIO", "EIO", "EACCES"])("%s is final", async (code) => {
  const kernel = snpKernel()
  const { issuer, pausesMs } = issuerOver(kernel)
  kernel.failNext("write inblob", code)

  await expect(issuer.issue(REPORT_DATA)).rejects.toMatchObject({
    code: "REFUSED",
    message: expect.stringContaining(code),
  })
  expect([kernel.entryCount, pausesMs.length]).toEqual([0, 0])
})

test("an answer to somebody else's write is thrown away, and asked for again", async () => {
  let answers = 0
  const kernel = snpKernel({
    answer: (reportData) => {
      answers += 1
      if (answers === 1) kernel.interfere(new Uint8Array(64).fill(9))
      return { outblob: signReport(reportData), auxblob: new Uint8Array(0) }
    },
  })
  const { issuer, pausesMs } = issuerOver(kernel)

  expect(await codeOf(issuer.issue(REPORT_DATA))).toBe("issued")
  expect(pausesMs).toEqual([100])
})

test("whoever always writes in between gets no evidence out of us", async () => {
  const kernel = snpKernel({
    answer: (reportData) => {
      kernel.interfere(new Uint8Array(64).fill(9))
      return { outblob: signReport(reportData), auxblob: new Uint8Array(0) }
    },
  })

  expect(await codeOf(issuerOver(kernel).issuer.issue(REPORT_DATA))).toBe("BUSY")
})

test.each<[string, string, Parameters<typeof snpKernel>[0]]>([
  ["PRIVILEGE_LEVEL", "a floor above 0", { privilegeLevelFloor: 2 }],
  ["PROVIDER", "another provider", { provider: "tdx_guest" }],
  ["PROVIDER", "an unknown provider", { provider: "cca_guest" }],
  ["REPORT_DATA", "other report data", { answer: () => ({ outblob: signReport(new Uint8Array(64)) }) }],
  ["ANSWER", "a short report", { answer: (data) => ({ outblob: signReport(data).subarray(1) }) }],
  ["ANSWER", "an empty report", { answer: () => ({ outblob: new Uint8Array(0) }) }],
  ["ANSWER", "an endless answer", { answer: () => ({ outblob: new Uint8Array(1024 * 1024 + 1) }) }],
])("%s refuses %s", async (code, _title, options) => {
  const kernel = snpKernel(options)

  expect(await codeOf(issuerOver(kernel).issuer.issue(REPORT_DATA))).toBe(code)
  expect(kernel.entryCount).toBe(0)
})

test("a floor above 0 is told before anything is asked of the host", async () => {
  const kernel = snpKernel({ privilegeLevelFloor: 1 })

  await expect(issuerOver(kernel).issuer.issue(REPORT_DATA)).rejects.toThrow("VMPL 1 and above alone")
  expect(kernel.operations).not.toContain("write inblob")
})

test.each([0, 63, 65])("report data of %i bytes are a mistake of the caller", async (size) => {
  await expect(issuerOver(snpKernel()).issuer.issue(new Uint8Array(size))).rejects.toThrow(RangeError)
})

test("requests of all issuers of a process are made one after the other", async () => {
  const kernel = snpKernel()
  const issuers = Array.from({ length: 4 }, () => issuerOver(kernel).issuer)

  const all = await Promise.all(
    issuers.map((issuer, index) => issuer.issue(new Uint8Array(64).fill(index)).then(({ document }) => document)),
  )

  expect(all.every((document, index) => Buffer.from(document).includes(Buffer.alloc(64, index)))).toBe(true)
  const entries = kernel.operations.filter((operation) => operation.endsWith("entry"))
  expect(entries).toEqual(Array.from({ length: 4 }, () => ["mkdir entry", "rmdir entry"]).flat())
})

test("requests that nobody waits for any more are not made, and too many at a time are refused", async () => {
  const kernel = snpKernel()
  const { issuer } = issuerOver(kernel)
  const gone = new AbortController()

  const abandoned = Array.from({ length: 33 }, () => codeOf(issuer.issue(REPORT_DATA, gone.signal)))
  const refused = codeOf(issuer.issue(REPORT_DATA))
  gone.abort()
  const wanted = codeOf(issuer.issue(REPORT_DATA))

  expect(await refused).toBe("LIMIT")
  expect(await wanted).toBe("issued")
  expect(await Promise.all(abandoned)).toEqual(["issued", ...Array.from({ length: 32 }, () => "CANCELLED")])
  expect(kernel.operations.filter((operation) => operation === "mkdir entry")).toHaveLength(2)
})

test("an entry that cannot be removed does not take the answer away", async () => {
  const kernel = snpKernel()
  kernel.failNext("rmdir entry", "EBUSY")

  expect(await codeOf(issuerOver(kernel).issuer.issue(REPORT_DATA))).toBe("issued")
})
