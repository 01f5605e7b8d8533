import { afterEach, beforeEach, describe, expect, test } from "@jest/globals"
import { issueAmdCrl } from "@contrast/test-authority"
import { CRL, CRL_PATH, Lab, LEAF, LEAF_PATH, NOW, OLDER_CRL, QUERY, TURIN_QUERY } from "./lab.ts"
import { serve } from "./vendor-server.ts"

const DAY_MS = 24 * 60 * 60 * 1000

let lab: Lab
beforeEach(async () => {
  lab = await Lab.start()
})
afterEach(() => lab.close())

describe("what AMD publishes", () => {
  test("is the leaf of the chip and TCB version, and the revocation list of its kind", async () => {
    const { leaf, crl, problems } = await lab.store().amd(QUERY, "cached")

    expect({ leaf, crl, problems }).toEqual({ leaf: LEAF, crl: CRL, problems: [] })
    expect(lab.vendor.asked.toSorted()).toEqual([LEAF_PATH, CRL_PATH].toSorted())
  })

  test("is named by 8 bytes and with an FMC version on Turin", async () => {
    await lab.store().amd(TURIN_QUERY, "cached")

    expect(lab.vendor.asked).toContain(
      "/vcek/v1/Turin/c1c1c1c1c1c1c1c1?fmcSPL=01&blSPL=03&teeSPL=00&snpSPL=08&ucodeSPL=115",
    )
  })

  test("has no VLEK in it, but its list", async () => {
    lab.vendor.answers.set("/vlek/v1/Milan/crl", serve(CRL))

    const { leaf, crl, problems } = await lab.store().amd({ ...QUERY, kind: "VLEK" }, "cached")

    expect({ leaf, crl }).toEqual({ leaf: undefined, crl: CRL })
    expect(problems).toEqual([expect.stringContaining("has to come with the evidence")])
    expect(lab.vendor.asked).toEqual(["/vlek/v1/Milan/crl"])
  })

  test("is not asked for what came with the evidence, but looked up for a newer list", async () => {
    const brought = { ...QUERY, wanted: { leaf: false, crl: false } }
    const store = lab.store()
    expect(await store.amd(brought, "cached")).toEqual({ leaf: undefined, crl: undefined, problems: [] })
    expect(lab.vendor.asked).toEqual([])

    await store.amd({ ...QUERY, wanted: { leaf: false, crl: true } }, "cached")

    expect(lab.vendor.asked).toEqual([CRL_PATH])
    expect(await store.amd(brought, "cached")).toEqual({ leaf: undefined, crl: CRL, problems: [] })
  })

  test("is not said to lack a VLEK that came with the evidence", async () => {
    const query = { ...QUERY, kind: "VLEK", wanted: { leaf: false, crl: false } } as const

    expect((await lab.store().amd(query, "cached")).problems).toEqual([])
  })

  test("is not asked for a chip that the host masks", async () => {
    const { leaf, problems } = await lab.store().amd({ ...QUERY, chipId: new Uint8Array(64) }, "cached")

    expect(leaf).toBeUndefined()
    expect(problems).toEqual([expect.stringContaining("masks")])
    expect(lab.vendor.asked).toEqual([CRL_PATH])
  })
})

describe("the cache", () => {
  test("answers the second time", async () => {
    await lab.store().amd(QUERY, "cached")

    const { leaf, crl } = await lab.store().amd(QUERY, "cached")

    expect({ leaf, crl }).toEqual({ leaf: LEAF, crl: CRL })
    expect(lab.vendor.asked).toHaveLength(2)
  })

  test("has a leaf to its end, and a list for half of its life", async () => {
    await lab.store().amd(QUERY, "cached")
    lab.clock.ms = Date.parse("2026-06-30T00:00:00Z")
    await lab.store().amd(QUERY, "cached")
    expect(lab.vendor.asked).toHaveLength(2)

    lab.clock.ms = Date.parse("2026-07-03T00:00:00Z")
    const store = lab.store()
    expect(await store.amd(QUERY, "cached")).toMatchObject({ crl: CRL, problems: [] })
    await store.find({ kind: "amd-crl", line: "Milan", signer: "VCEK" }, "refresh")
    expect(lab.vendor.asked.slice(2)).toEqual([CRL_PATH])

    lab.clock.ms = Date.parse("2032-01-02T00:00:00Z")
    await lab.store().amd(QUERY, "cached")
    expect(lab.vendor.asked.slice(3).toSorted()).toEqual([LEAF_PATH, CRL_PATH].toSorted())
  })

  test("keeps the last good list when there is no newer one", async () => {
    await lab.store().amd(QUERY, "cached")
    lab.clock.ms = Date.parse("2026-12-01T00:00:00Z")
    lab.vendor.answers.delete(CRL_PATH)

    const { crl, problems } = await lab.store().amd(QUERY, "refresh")

    expect(crl).toEqual(CRL)
    expect(problems).toEqual([expect.stringMatching(/^AMD did not provide .* \(404\)$/)])
  })

  test("never takes an older list in place of a newer one", async () => {
    await lab.store().amd(QUERY, "cached")
    lab.clock.ms += DAY_MS
    lab.vendor.answers.set(CRL_PATH, serve(OLDER_CRL))

    const { crl, problems } = await lab.store().amd(QUERY, "refresh")

    expect(crl).toEqual(CRL)
    expect(problems).toEqual([expect.stringContaining("older than what is kept")])
    expect(await lab.store().amd(QUERY, "held")).toMatchObject({ crl: CRL })
  })

  test("takes a newer list", async () => {
    await lab.store().amd(QUERY, "cached")
    lab.clock.ms += DAY_MS
    const newer = issueAmdCrl({ thisUpdate: NOW })
    lab.vendor.answers.set(CRL_PATH, serve(newer))

    expect(await lab.store().amd(QUERY, "refresh")).toMatchObject({ crl: newer, problems: [] })
  })

  test("is passed by when what it has was refused, but not again within a minute", async () => {
    const store = lab.store()
    await store.amd(QUERY, "cached")
    await store.amd(QUERY, "refresh")
    expect(lab.vendor.asked).toHaveLength(2)

    lab.clock.ms += 61_000
    await store.amd(QUERY, "refresh")

    expect(lab.vendor.asked).toHaveLength(4)
  })

  test("alone answers when nobody is to be asked", async () => {
    const empty = await lab.store().amd(QUERY, "held")
    await lab.store().amd(QUERY, "cached")
    lab.clock.ms = Date.parse("2026-12-01T00:00:00Z")

    const held = await lab.store({ offline: true }).amd(QUERY, "held")

    expect(empty).toEqual({ leaf: undefined, crl: undefined, problems: [] })
    expect(held).toEqual({ leaf: LEAF, crl: CRL, problems: [] })
    expect(lab.vendor.asked).toHaveLength(2)
  })

  test("renews a list that is due while nobody waits, though evidence brings one", async () => {
    await lab.store().amd(QUERY, "cached")
    lab.clock.ms = Date.parse("2026-12-01T00:00:00Z")
    const newer = issueAmdCrl({ thisUpdate: new Date(lab.clock.ms) })
    lab.vendor.answers.set(CRL_PATH, serve(newer))
    const store = lab.store()

    expect(await store.amd({ ...QUERY, wanted: { leaf: false, crl: false } }, "held")).toMatchObject({ crl: CRL })
    expect((await store.amd(QUERY, "refresh")).crl).toEqual(newer)

    expect(lab.vendor.asked.slice(2)).toEqual([CRL_PATH, LEAF_PATH])
  })

  test("stays as new as this process has seen it, whatever is put back into the cache", async () => {
    const store = lab.store()
    await store.amd(QUERY, "cached")
    const item = { kind: "amd-crl", line: "Milan", signer: "VCEK" } as const
    await lab.cache.write({ item, content: { body: OLDER_CRL }, fetchedAt: NOW })

    expect(await store.amd(QUERY, "held")).toMatchObject({ crl: CRL })
    expect(await lab.store().amd(QUERY, "held")).toMatchObject({ crl: OLDER_CRL })
  })

  test("is kept in memory at least", async () => {
    const cache = { ...lab.cache, write: () => Promise.reject(new Error("disk full")) }
    const store = lab.store({ cache })
    await store.amd(QUERY, "cached")

    expect(await store.amd(QUERY, "held")).toMatchObject({ crl: CRL })
  })

  test("is not left for the network in offline mode", async () => {
    const offline = lab.store({ offline: true })
    const { problems } = await offline.amd(QUERY, "refresh")
    expect(problems).toEqual([
      expect.stringMatching(/VCEK certificate .* is not at hand, and nobody is asked in offline mode/),
      expect.stringMatching(/revocation list for Milan .* is not at hand/),
    ])
    expect(lab.vendor.asked).toEqual([])

    await lab.store().amd(QUERY, "cached")
    lab.clock.ms = Date.parse("2027-01-02T00:00:00Z")
    const late = await offline.amd(QUERY, "cached")

    expect(late).toMatchObject({ leaf: LEAF, crl: CRL, problems: [expect.stringContaining("ended on 2027-01-01")] })
  })

  test("that breaks is told of, and does not stand in the way", async () => {
    const failing = { read: refuse, write: refuse, items: refuse }

    const { leaf, problems } = await lab.store({ cache: failing }).amd(QUERY, "cached")

    expect({ leaf, problems }).toEqual({ leaf: LEAF, problems: [] })
    expect(lab.events).toContain("the collateral cache cannot be written: EROFS")
  })
})

function refuse(): Promise<never> {
  return Promise.reject(Object.assign(new Error("read-only"), { code: "EROFS" }))
}
