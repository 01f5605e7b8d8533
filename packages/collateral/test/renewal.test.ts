import { afterEach, beforeEach, describe, expect, test } from "@jest/globals"
import { issueAmdCrl } from "@contrast/test-authority"
import { type Cache, createCollateralStore, createMemoryCache, type Entry } from "../src/index.ts"
import { CRL, CRL_PATH, Lab, NOW, ROOTS } from "./lab.ts"
import { inTurn, serve, status } from "./vendor-server.ts"

const LIST = { kind: "amd-crl", line: "Milan", signer: "VCEK" } as const
const DUE = new Date("2026-08-01T00:00:00Z")
const NEWER_CRL = issueAmdCrl({ thisUpdate: new Date("2026-07-15T00:00:00Z") })
const silence = (): void => undefined

let lab: Lab
beforeEach(async () => {
  lab = await Lab.start()
})
afterEach(() => lab.close())

describe("a piece that is due but valid", () => {
  beforeEach(async () => {
    await lab.cache.write({ item: LIST, content: { body: CRL }, fetchedAt: NOW })
    lab.clock.ms = DUE.getTime()
  })

  test("answers at once, however long its vendor takes", async () => {
    lab.vendor.answers.set(CRL_PATH, silence)

    const found = await lab.store({ budgetMs: 600_000 }).find(LIST, "cached")

    expect(found).toEqual({ content: { body: CRL }, problem: undefined })
  })

  test("is renewed meanwhile, by one question for all who want it", async () => {
    lab.vendor.answers.set(CRL_PATH, serve(NEWER_CRL))
    const store = lab.store()

    const found = await Promise.all(Array.from({ length: 10 }, () => store.find(LIST, "cached")))
    const refreshed = await store.find(LIST, "refresh")

    expect(found.map(({ content }) => content?.body)).toEqual(Array.from({ length: 10 }, () => CRL))
    expect(refreshed.content?.body).toEqual(NEWER_CRL)
    expect(await lab.cache.read(LIST)).toEqual({ item: LIST, content: { body: NEWER_CRL }, fetchedAt: DUE })
    expect(lab.vendor.asked).toEqual([CRL_PATH])
  })

  test("is waited for by whoever was refused with it", async () => {
    lab.vendor.answers.set(CRL_PATH, serve(NEWER_CRL))

    expect((await lab.store().find(LIST, "refresh")).content?.body).toEqual(NEWER_CRL)
  })

  test("that could not be renewed is not asked for again with every piece of evidence", async () => {
    lab.vendor.answers.set(CRL_PATH, serve("<html>portal</html>"))
    const store = lab.store()
    await store.find(LIST, "refresh")
    await store.find(LIST, "refresh")
    expect(lab.vendor.asked).toHaveLength(1)

    lab.clock.ms += 61_000
    lab.vendor.answers.set(CRL_PATH, serve(NEWER_CRL))

    expect((await store.find(LIST, "refresh")).content?.body).toEqual(NEWER_CRL)
  })

  test("is waited for once it has ended", async () => {
    lab.clock.ms = Date.parse("2027-01-02T00:00:00Z")
    const next = issueAmdCrl({
      thisUpdate: new Date("2027-01-01T00:00:00Z"),
      nextUpdate: new Date("2028-01-01T00:00:00Z"),
    })
    lab.vendor.answers.set(CRL_PATH, serve(next))

    expect((await lab.store().find(LIST, "cached")).content?.body).toEqual(next)
  })
})

describe("a store that is closed", () => {
  const kept = (): Promise<void> => lab.cache.write({ item: LIST, content: { body: CRL }, fetchedAt: NOW })

  test.each([
    ["a silent vendor", silence],
    ["a pause", status(429, { "retry-after": "60" })],
  ])("waits neither for %s nor tells of it", async (_name, behaviour) => {
    await kept()
    lab.vendor.answers.set(CRL_PATH, behaviour)
    const events = { asking: () => undefined, problem: (sentence: string) => lab.events.push(sentence) }
    const store = createCollateralStore({
      ...{ cache: lab.cache, amdUrl: lab.vendor.url, roots: ROOTS, events },
      ...{ judgedAt: () => DUE, budgetMs: 120_000 },
    })
    await store.find(LIST, "cached")
    await lab.vendor.wasAsked()
    const begun = Date.now()

    await store.close()

    expect(Date.now() - begun).toBeLessThan(10_000)
    expect(lab.events).toEqual([])
  })

  test("has kept whole what had come", async () => {
    const slow = new SlowCache([{ item: LIST, content: { body: CRL }, fetchedAt: NOW }])
    lab.clock.ms = DUE.getTime()
    lab.vendor.answers.set(CRL_PATH, serve(NEWER_CRL))
    const store = lab.store({ cache: slow })
    await store.find(LIST, "cached")
    await slow.writing

    const closing = store.close()
    expect((await slow.read(LIST))?.content.body).toEqual(CRL)
    slow.finish()
    await closing

    expect((await slow.read(LIST))?.content.body).toEqual(NEWER_CRL)
  })

  test("answers with what is kept, and asks nobody", async () => {
    await kept()
    lab.clock.ms = DUE.getTime()
    const store = lab.store()
    await store.close()

    expect((await store.find(LIST, "refresh")).content?.body).toEqual(CRL)
    expect(lab.vendor.asked).toEqual([])
  })
})

describe("a moment to judge for that is not now", () => {
  const judgedAt = (): Date => new Date("2026-02-01T00:00:00Z")

  test("does not stop the clock by which a vendor is left alone and given up", async () => {
    lab.vendor.answers.set(CRL_PATH, status(429, { "retry-after": "5" }))

    const { problem } = await lab.store({ judgedAt, budgetMs: 12_000 }).find(LIST, "cached")

    expect(problem).toMatch(/fewer questions \(429\); it is asked again in \d+ s at the earliest/)
    expect(lab.vendor.asked.length).toBeLessThan(4)
  })

  test("does not date what was fetched", async () => {
    await lab.store({ judgedAt }).find(LIST, "cached")

    expect((await lab.cache.read(LIST))?.fetchedAt).toEqual(NOW)
  })

  test("decides what is due and what has ended", async () => {
    await lab.cache.write({ item: LIST, content: { body: CRL }, fetchedAt: NOW })
    lab.clock.ms = Date.parse("2027-06-01T00:00:00Z")
    lab.vendor.answers.set(CRL_PATH, inTurn(status(403)))

    expect(await lab.store({ judgedAt }).find(LIST, "cached")).toEqual({ content: { body: CRL }, problem: undefined })
    expect(lab.vendor.asked).toEqual([])
  })
})

/** Writes only when it is told to. */
class SlowCache implements Cache {
  readonly #cache: Cache
  readonly #begun = Promise.withResolvers<undefined>()
  readonly #finished = Promise.withResolvers<undefined>()

  constructor(entries: readonly Entry[]) {
    this.#cache = createMemoryCache(entries)
  }

  get writing(): Promise<undefined> {
    return this.#begun.promise
  }

  finish(): void {
    this.#finished.resolve(undefined)
  }

  readonly read: Cache["read"] = (item) => this.#cache.read(item)
  readonly items: Cache["items"] = () => this.#cache.items()

  async write(entry: Entry): Promise<void> {
    this.#begun.resolve(undefined)
    await this.#finished.promise
    await this.#cache.write(entry)
  }
}
