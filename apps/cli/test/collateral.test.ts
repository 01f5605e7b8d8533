import { afterEach, beforeEach, describe, expect, test } from "@jest/globals"
import { createDirectoryCache, encodeBundle, type Entry, parseBundle } from "@contrast/collateral"
import type { Finished } from "./support/program.ts"
import { Folder } from "./support/folder.ts"
import {
  hasVectors,
  manifestOfQuote,
  QUOTE_FMSPC,
  QUOTE_NOW,
  readVector,
  serveQuoteCollateral,
} from "./support/real-evidence.ts"
import { Vendors } from "./support/vendors.ts"

let folder: Folder
let vendors: Vendors

beforeEach(async () => {
  folder = await Folder.create()
  vendors = await Vendors.start()
})
afterEach(async () => {
  await vendors.close()
  await folder.close()
})

function collateral(...args: readonly string[]): Promise<Finished> {
  return folder.run(["collateral", ...args], vendors)
}

describe("contrast collateral", () => {
  test("tells each thing that could not be fetched, and ends with 1", async () => {
    const { exitCode, stderr } = await collateral("fetch", "--fmspc", QUOTE_FMSPC)

    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/^error: 4 of 4 could not be fetched\n {2}Intel did not provide Intel's TCB info .*\(404\)/)
    expect(stderr).toMatch(/^hint: /m)
  })

  test("does not wait for a vendor longer than it was told to", async () => {
    vendors.refusal = 429

    const { exitCode, stderr } = await collateral("fetch", "--fmspc", QUOTE_FMSPC, "--wait", "1")

    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/fewer questions \(429\); it is asked again in \d+ s at the earliest/)
  })

  test("asks nobody when offline", async () => {
    const { exitCode, stderr } = await collateral("fetch", "--fmspc", QUOTE_FMSPC, "--offline")

    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/is not at hand, and nobody is asked in offline mode/)
    expect(vendors.asked).toEqual([])
  })

  test.each([
    [["fetch"], 1, /manifest\.json/],
    [["fetch", "--fmspc", "xyz"], 2, /12 hexadecimal digits/],
    [["fetch", "--fmspc", QUOTE_FMSPC, "--wait", "soon"], 2, /--wait/],
    [["export", "bundle.json"], 1, /there is nothing in/],
    [["import", "bundle.json"], 1, /no such file/],
    [[], 2, /./],
  ])("ends %j with %d", async (args, expected, text) => {
    const { exitCode, stderr } = await collateral(...args)

    expect(exitCode).toBe(expected)
    expect(stderr).toMatch(text)
  })

  test("imports nothing but what export wrote", async () => {
    await folder.write("bundle.json", '{"type":"contrast-collateral","version":1,"entries":[{}]}')

    const { exitCode, stderr } = await collateral("import", "bundle.json")

    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/bundle\.json cannot be imported/)
  })
})

// The outside vectors are not part of the project: without them there is nothing real to carry.
;(hasVectors ? describe : describe.skip)("what Intel publishes", () => {
  beforeEach(async () => {
    await folder.write("quote", readVector("dcap-qvl/tdx_quote"))
    await folder.write("manifest.json", manifestOfQuote(readVector("dcap-qvl/tdx_quote")))
    serveQuoteCollateral(vendors)
  })

  test("is carried in one file to where nobody can be asked", async () => {
    const fetched = await collateral("fetch", "--evidence", "quote", "--output", "json")
    expect(fetched.exitCode).toBe(0)
    const { items } = JSON.parse(fetched.stdout) as { items: readonly { name: string; until: string }[] }
    expect(items.map(({ name }) => name)).toEqual([
      `tcb-info.${QUOTE_FMSPC}`,
      "qe-identity",
      "root-crl",
      "pck-crl.platform",
    ])

    const exported = await collateral("export", "bundle.json")
    expect(exported.exitCode).toBe(0)

    const elsewhere = ["--collateral-dir", folder.path("elsewhere")]
    const imported = await collateral("import", "bundle.json", ...elsewhere, "--output", "json")
    expect(JSON.parse(imported.stdout)).toMatchObject({ version: 1, command: "collateral import", kept: [] })

    const judging = ["quote", "--manifest", "manifest.json", "--now", QUOTE_NOW]
    const byCache = await folder.run(["attest", "inspect", ...judging, ...elsewhere])
    const byBundle = await folder.run(["attest", "inspect", ...judging, "--collateral", "bundle.json"])
    expect([byCache.exitCode, byBundle.exitCode]).toEqual([0, 0])
    expect(vendors.asked).toHaveLength(4)
  })

  test("is carried through a pipe", async () => {
    await collateral("fetch", "--evidence", "quote")
    await collateral("export", "bundle.json")

    const { exitCode, stdout } = await collateral("export", "/dev/stdout")

    expect(exitCode).toBe(0)
    expect(stdout).toBe(await folder.read("bundle.json"))
  })

  describe("and forged to be far newer", () => {
    const elsewhere = (): readonly string[] => ["--collateral-dir", folder.path("elsewhere")]
    let bundle: readonly Entry[]

    beforeEach(async () => {
      await collateral("fetch", "--evidence", "quote")
      await collateral("export", "bundle.json")
      bundle = parseBundle(await folder.readBytes("bundle.json"))
    })

    test("makes a bundle that is refused as a whole", async () => {
      await folder.write("bundle.json", encodeBundle(bundle.map(forge)))

      const { exitCode, stderr } = await collateral("import", "bundle.json", ...elsewhere())

      expect(exitCode).toBe(1)
      expect(stderr).toMatch(
        /bundle\.json cannot be imported: 1 of 4 are forged\n {2}Intel's TCB info .* is not signed/,
      )
      expect(await createDirectoryCache(folder.path("elsewhere")).items()).toEqual([])
    })

    test("is left out when a folder that has it is exported", async () => {
      const cache = createDirectoryCache(folder.path("elsewhere"))
      for (const entry of bundle) await cache.write(forge(entry))

      const { exitCode, stderr } = await collateral("export", "bundle.json", ...elsewhere())

      const names = parseBundle(await folder.readBytes("bundle.json")).map(({ item }) => item.kind)
      expect([exitCode, names]).toEqual([0, ["pck-crl", "qe-identity", "root-crl"]])
      expect(stderr).toMatch(/left out 1 of 4/)
    })

    test("does not keep the real one out of a folder", async () => {
      const cache = createDirectoryCache(folder.path("elsewhere"))
      for (const entry of bundle) await cache.write(forge(entry))

      const { exitCode } = await collateral("import", "bundle.json", ...elsewhere())

      expect(exitCode).toBe(0)
      expect(await Promise.all(bundle.map(({ item }) => cache.read(item)))).toEqual(bundle)
    })
  })

  test("is fetched by the number that a manifest demands, if the standard is lower", async () => {
    const quote = readVector("dcap-qvl/tdx_quote")
    await folder.write("manifest.json", manifestOfQuote(quote, { minTcbEvaluationDataNumber: 4000 }))

    const { exitCode, stderr } = await collateral("fetch", "--manifest", "manifest.json", "--fmspc", QUOTE_FMSPC)

    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/^error: 2 of 6 could not be fetched/)
    expect(vendors.asked.slice(4)).toEqual([
      `/tdx/certification/v4/tcb?fmspc=${QUOTE_FMSPC}&tcbEvaluationDataNumber=4000`,
      "/tdx/certification/v4/qe/identity?tcbEvaluationDataNumber=4000",
    ])
  })

  test("is fetched for a manifest as far as the manifest tells", async () => {
    const { exitCode, stdout } = await collateral("fetch")

    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/Intel's identity of the TD quoting enclave, until 2025-07-19/)
    expect(vendors.asked).toHaveLength(3)
  })
})

/** Raises the evaluation number of a TCB info, under the signature of the real one. */
function forge(entry: Entry): Entry {
  if (entry.item.kind !== "tcb-info") return entry
  const text = Buffer.from(entry.content.body).toString()
  const body = text.replace(/"tcbEvaluationDataNumber":\d+/, '"tcbEvaluationDataNumber":4000000')
  return { ...entry, content: { ...entry.content, body: new Uint8Array(Buffer.from(body)) } }
}
