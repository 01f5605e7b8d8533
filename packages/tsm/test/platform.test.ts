import { expect, test } from "@jest/globals"
import { TsmKernel } from "@contrast/test-authority"
import { detectPlatform, TSM_DIRECTORY, TsmError } from "../src/index.ts"
import { DIRECTORY, signReport, snpKernel } from "./played.ts"

const answer = (reportData: Uint8Array) => ({ outblob: signReport(reportData) })

test.each([
  ["sev_guest", "snp"],
  ["tdx_guest", "tdx"],
])("%s is %s, and the entry is gone again", async (provider, platform) => {
  const files = snpKernel({ provider })

  expect(await detectPlatform({ directory: DIRECTORY, files })).toBe(platform)
  expect(files.entryCount).toBe(0)
})

test("without the directory it says which part of the way is there", async () => {
  const files = new TsmKernel({ directory: "/config/other", answer })

  await expect(detectPlatform({ directory: DIRECTORY, files })).rejects.toMatchObject({
    code: "NO_PLATFORM",
    message: "found neither SEV-SNP nor TDX; looked at /config: found, /config/tsm/report: not found",
  })
})

test("without a driver it says so", async () => {
  const files = new TsmKernel({ directory: DIRECTORY, answer })

  await expect(detectPlatform({ directory: DIRECTORY, files })).rejects.toMatchObject({
    code: "NO_PLATFORM",
    message:
      "found neither SEV-SNP nor TDX; looked at /config: found, /config/tsm/report: found, " +
      "an entry in /config/tsm/report: ENXIO (no provider: neither sev-guest nor tdx-guest is loaded)",
  })
})

test("an unknown driver is named", async () => {
  const files = snpKernel({ provider: "cca_guest" })

  await expect(detectPlatform({ directory: DIRECTORY, files })).rejects.toMatchObject({
    code: "NO_PLATFORM",
    message: expect.stringContaining('provider: "cca_guest", expected sev_guest or tdx_guest'),
  })
  expect(files.entryCount).toBe(0)
})

test("a provider that cannot be read is told, and the entry is gone again", async () => {
  const files = snpKernel()
  files.failNext("read provider", "EIO")

  await expect(detectPlatform({ directory: DIRECTORY, files })).rejects.toMatchObject({
    code: "NO_PLATFORM",
    message: expect.stringContaining("provider: EIO"),
  })
  expect(files.entryCount).toBe(0)
})

test.each([
  ["found", "sev_guest", "snp"],
  ["missing", "cca_guest", "NO_PLATFORM"],
])(
  "an entry that cannot be removed changes nothing about a platform that is %s",
  async (_title, provider, expected) => {
    const files = snpKernel({ provider })
    files.failNext("rmdir entry", "EBUSY")

    const outcome = await detectPlatform({ directory: DIRECTORY, files }).catch((error: unknown) => error)

    expect(outcome instanceof TsmError ? outcome.code : outcome).toBe(expected)
  },
)

test("the kernel's place is the default", () => {
  expect(TSM_DIRECTORY).toBe("/sys/kernel/config/tsm/report")
})
