import { afterEach, beforeEach, describe, expect, test } from "@jest/globals"
import type { AmdQuery } from "@contrast/attestation"
import { vcekItem } from "../src/index.ts"
import { CRL, CRL_PATH, Lab, LEAF, LEAF_PATH, QUERY } from "./lab.ts"
import { type Behaviour, inTurn, serve, status, VendorServer } from "./vendor-server.ts"

let lab: Lab
beforeEach(async () => {
  lab = await Lab.start()
})
afterEach(() => lab.close())

const LIST = { kind: "amd-crl", line: "Milan", signer: "VCEK" } as const
const TEN_MINUTES = { budgetMs: 600_000 }

describe("a vendor that limits questions", () => {
  test("is left alone for as long as it asks", async () => {
    lab.vendor.answers.set(CRL_PATH, inTurn(status(429, { "retry-after": "17" }), serve(CRL)))

    const { content } = await lab.store(TEN_MINUTES).find(LIST, "cached")

    expect(content?.body).toEqual(CRL)
    expect(lab.clock.slept).toEqual([17_000])
  })

  test("is left alone for longer and longer when it does not say", async () => {
    const busy = Array.from({ length: 6 }, (_, index) => status(index % 2 ? 503 : 429))
    lab.vendor.answers.set(CRL_PATH, inTurn(...busy, serve(CRL)))

    const { content } = await lab.store(TEN_MINUTES).find(LIST, "cached")

    expect(content?.body).toEqual(CRL)
    expect(lab.clock.slept).toEqual([10_000, 20_000, 40_000, 80_000, 120_000, 120_000])
  })

  test("does not make a handshake wait past its time, and is not asked in the pause", async () => {
    lab.vendor.answers.set(CRL_PATH, status(429, { "retry-after": "60" }))
    const store = lab.store({ budgetMs: 5000 })

    const first = await store.find(LIST, "cached")
    const second = await store.find(LIST, "cached")

    expect(first.problem).toMatch(/fewer questions \(429\); it is asked again in 60 s at the earliest$/)
    expect(second.problem).toBe(first.problem)
    expect(lab.clock.slept).toEqual([])
    expect(lab.vendor.asked).toHaveLength(1)

    lab.clock.ms += 61_000
    lab.vendor.answers.set(CRL_PATH, serve(CRL))
    expect((await store.find(LIST, "cached")).content?.body).toEqual(CRL)
  })
})

describe("a clock that was ahead", () => {
  test("does not make a pause as long as it was ahead, once it is set back", async () => {
    const right = lab.clock.ms
    lab.clock.ms += 30 * 24 * 60 * 60 * 1000
    lab.vendor.answers.set(CRL_PATH, status(429, { "retry-after": "60" }))
    const store = lab.store({ budgetMs: 5000 })
    await store.find(LIST, "cached")

    lab.clock.ms = right
    const { problem } = await store.find(LIST, "cached")
    lab.clock.ms += 61_000
    lab.vendor.answers.set(CRL_PATH, serve(CRL))

    expect(problem).toMatch(/asked again in 60 s at the earliest$/)
    expect((await store.find(LIST, "cached")).content?.body).toEqual(CRL)
  })

  test("does not keep what was asked for in vain from being asked for again", async () => {
    const right = lab.clock.ms
    lab.clock.ms += 30 * 24 * 60 * 60 * 1000
    lab.vendor.answers.set(LEAF_PATH, status(404))
    const store = lab.store()
    await store.find(vcekItem(QUERY), "cached")

    lab.clock.ms = right
    lab.vendor.answers.set(LEAF_PATH, serve(LEAF))

    expect((await store.find(vcekItem(QUERY), "cached")).content?.body).toEqual(LEAF)
  })
})

describe("a vendor that is broken", () => {
  test.each<[string, Behaviour, RegExp]>([
    ["redirects", status(302, { location: "/vcek/v1/Milan/elsewhere" }), /answered with status 302/],
    ["refuses", status(403), /answered with status 403/],
    ["knows nothing", status(404), /no such thing \(404\)/],
    ["sends nothing", serve(""), /cannot be read/],
    ["sends a page", serve("<html>portal</html>"), /cannot be read/],
    ["sends half a list", serve(CRL.subarray(0, CRL.length / 2)), /cannot be read/],
    ["sends a list and more", serve(Buffer.concat([CRL, CRL])), /cannot be read/],
    ["sends a certificate instead", serve(LEAF), /cannot be read/],
    ["sends too much", serve(new Uint8Array(64 * 1024 + 1)), /longer than 65536 bytes/],
    ["never ends", endless, /longer than 65536 bytes/],
  ])("and %s is asked once", async (_name, behaviour, problem) => {
    lab.vendor.answers.set(CRL_PATH, behaviour)

    const found = await lab.store().find(LIST, "cached")

    expect(found.content).toBeUndefined()
    expect(found.problem).toMatch(problem)
    expect(lab.vendor.asked).toEqual([CRL_PATH])
    expect(await lab.cache.items()).toEqual([])
  })

  test.each<[string, Behaviour]>([
    ["fails", status(500)],
    ["hangs up", (response) => response.destroy()],
    ["is cut off", cutOff],
    ["sends headers without end", serve(CRL, { filler: "x".repeat(17 * 1024) })],
  ])("and %s is asked again", async (_name, behaviour) => {
    lab.vendor.answers.set(CRL_PATH, inTurn(behaviour, serve(CRL)))

    expect((await lab.store().find(LIST, "cached")).content?.body).toEqual(CRL)
    expect(lab.clock.slept).toEqual([10_000])
  })

  test("and silent is not waited for any longer than the answer may take", async () => {
    lab.vendor.answers.set(CRL_PATH, () => undefined)
    const now = (): Date => new Date()

    const { problem } = await lab.store({ budgetMs: 100, now }).find(LIST, "cached")

    expect(problem).toMatch(/no answer in time/)
  })

  test("or is not there at all is named in a sentence", async () => {
    const gone = await VendorServer.start()
    const amdUrl = gone.url
    await gone.close()

    const { problem } = await lab.store({ amdUrl }).find(LIST, "cached")

    expect(problem).toMatch(/AMD did not provide AMD's revocation list .* no connection \(ECONNREFUSED\)/)
  })
})

describe("many questions at once", () => {
  test("are put one at a time, and the same one only once", async () => {
    lab.vendor.answers.set(CRL_PATH, late(serve(CRL))).set(LEAF_PATH, late(serve(LEAF)))
    const store = lab.store()

    const answers = await Promise.all(Array.from({ length: 20 }, () => store.amd(QUERY, "cached")))

    expect(answers.every(({ problems }) => problems.length === 0)).toBe(true)
    expect(lab.vendor.asked).toHaveLength(2)
    expect(lab.vendor.mostAtOnce).toBe(1)
  })

  test("do not queue without end", async () => {
    const store = lab.store()
    const queries = Array.from({ length: 200 }, (_, index) => ({
      ...QUERY,
      chipId: new Uint8Array(64).fill(index + 1),
    }))

    const answers = await Promise.all(queries.map((query) => store.amd(query, "cached")))

    const turnedAway = answers.flatMap(({ problems }) => problems).filter((text) => text.includes("too many questions"))
    expect(turnedAway.length).toBeGreaterThan(100)
    expect(lab.vendor.asked.length).toBeLessThan(70)
  })
})

describe("invented evidence", () => {
  const chip = (number: number): AmdQuery => ({ ...QUERY, chipId: new Uint8Array(64).fill(number) })

  test("asks a vendor once for what it does not have, and again after a while", async () => {
    const store = lab.store()

    await store.amd(chip(1), "cached")
    await store.amd(chip(1), "refresh")
    expect(lab.vendor.asked.filter((path) => path.includes("01".repeat(64)))).toHaveLength(1)

    lab.clock.ms += 61_000
    await store.amd(chip(1), "cached")
    expect(lab.vendor.asked.filter((path) => path.includes("01".repeat(64)))).toHaveLength(2)
  })

  test("that keeps coming does not put off the next question for ever", async () => {
    const store = lab.store()

    for (let count = 0; count < 6; count++) {
      await store.amd(chip(1), "cached")
      lab.clock.ms += 25_000
    }

    expect(lab.vendor.asked.filter((path) => path.includes("01".repeat(64)))).toHaveLength(2)
  })

  test("does not keep away what is the same for all evidence, however much of it waits", async () => {
    lab.vendor.answers.set(CRL_PATH, late(serve(CRL)))
    const store = lab.store()
    const flood = Array.from({ length: 200 }, (_, index) => store.find(vcekItem(chip(index + 1)), "cached"))

    const { content } = await store.find(LIST, "cached")

    expect(content?.body).toEqual(CRL)
    expect(lab.vendor.asked.indexOf(CRL_PATH)).toBeLessThan(2)
    await Promise.all(flood)
  })
})

function endless(response: Parameters<Behaviour>[0]): void {
  const send = (): void => {
    if (!response.destroyed) response.write(new Uint8Array(16 * 1024), () => setImmediate(send))
  }
  send()
}

function cutOff(response: Parameters<Behaviour>[0]): void {
  response.writeHead(200, { "content-length": String(CRL.length) })
  response.write(CRL.subarray(0, 100), () => response.destroy())
}

function late(behaviour: Behaviour): Behaviour {
  return (response, request) =>
    setTimeout(() => {
      behaviour(response, request)
    }, 20)
}
