import { rm, writeFile } from "node:fs/promises"
import path from "node:path"
import { afterEach, beforeEach, expect, test } from "@jest/globals"
import { encodeHex, encodeUtf8, sha256 } from "@contrast/crypto"
import type { CoordinatorError } from "../../src/error.ts"
import { openHistory } from "../../src/history/open-history.ts"
import type { Commit, HistoryStore, StoredObject } from "../../src/history/history-store.ts"
import { Cluster, type Mishap } from "../support/cluster.ts"

const LATEST = "contrast-store-transitions-latest"

class Stopped extends Error {}

let cluster: Cluster
let stops: CoordinatorError[]

beforeEach(async () => {
  cluster = await Cluster.start()
  stops = []
})
afterEach(() => cluster.stop())

test("reads back what was committed, before and after it is opened again", async () => {
  const manifest = objectOf("manifest 1")
  const store = await open()

  expect(await store.latest()).toBeUndefined()
  expect(await store.commit(commitOf({ objects: [manifest], latest: "one" }))).toBe("committed")
  expect(await store.commit(commitOf({ objects: [objectOf("manifest 2")], expected: "one", latest: "two" }))).toBe(
    "committed",
  )

  for (const opened of [store, await open()]) {
    expect(textOf(await opened.latest())).toBe("two")
    expect(textOf(await opened.read("manifests", manifest.hash))).toBe("manifest 1")
    expect(await opened.read("policies", manifest.hash)).toBeUndefined()
  }
})

test("keeps each object under the name and key of the established implementation", async () => {
  const { hash } = objectOf("manifest")

  await (await open()).commit(commitOf({ objects: [objectOf("manifest")], latest: "one" }))

  expect([...cluster.configMaps.keys()]).toEqual([`contrast-store-manifests-${hash}`, LATEST])
  expect(cluster.configMaps.get(`contrast-store-manifests-${hash}`)).toMatchObject({
    metadata: { labels: { "app.kubernetes.io/name": "kvstore", "app.kubernetes.io/component": "coordinator" } },
    binaryData: { [hash]: Buffer.from("manifest").toString("base64") },
  })
  expect(cluster.configMaps.get(LATEST)?.binaryData).toEqual({ latest: Buffer.from("one").toString("base64") })
})

test.each([
  ["there is none yet", undefined],
  ["there is one", "zero"],
])("lets one of many concurrent commits through where %s", async (_which, expected) => {
  if (expected !== undefined) await (await open()).commit(commitOf({ latest: expected }))
  const stores = await Promise.all(Array.from({ length: 5 }, open))

  const outcomes = await Promise.all(
    stores.map((store, index) => store.commit(commitOf({ expected, latest: `latest ${index}` }))),
  )

  expect(outcomes.toSorted()).toEqual(["committed", "conflict", "conflict", "conflict", "conflict"])
  expect(textOf(await stores[0]?.latest())).toBe(`latest ${outcomes.indexOf("committed")}`)
})

test("puts right an object that somebody has changed", async () => {
  const manifest = objectOf("manifest")
  const name = `contrast-store-manifests-${manifest.hash}`
  cluster.apply({ metadata: { name }, binaryData: { [manifest.hash]: "YWx0ZXJlZA==" } })
  const store = await open()

  await store.commit(commitOf({ objects: [manifest], latest: "one" }))

  expect(textOf(await store.read("manifests", manifest.hash))).toBe("manifest")
})

test.each<[string, string, Mishap]>([
  ["an object is refused", "manifests", 403],
  ["the server fails at an object", "manifests", 500],
  ["no answer comes to an object", "manifests", "lost"],
  ["an object is written, and no answer comes", "manifests", "done, and lost"],
  ["an object is too large", "manifests", 422],
  ["the latest transition is refused", "latest", 403],
])("changes nothing, says so and lives on when %s", async (_what, part, mishap) => {
  const store = await open()
  await store.commit(commitOf({ latest: "one" }))
  cluster.mishap = (method, name) => (method !== "GET" && name.includes(part) ? mishap : undefined)
  const next = commitOf({ objects: [objectOf("manifest")], expected: "one", latest: "two" })

  await expect(store.commit(next)).rejects.toMatchObject({ code: "STORE" })

  cluster.mishap = () => undefined
  expect(stops).toEqual([])
  expect(textOf(await store.latest())).toBe("one")
  expect(await store.commit(next)).toBe("committed")
})

test.each<Mishap>(["done, and lost", "done, and cut off"])(
  "finds out that the latest transition was written although no whole answer came (%s)",
  async (mishap) => {
    const store = await open()
    cluster.mishap = (method, name) => (method === "POST" && name === LATEST ? mishap : undefined)

    expect(await store.commit(commitOf({ latest: "one" }))).toBe("committed")
  },
)

test.each<Mishap>(["lost", 500, 503])(
  "stops when it cannot know whether the latest transition was written (%s)",
  async (mishap) => {
    const store = await open()
    await store.commit(commitOf({ latest: "one" }))
    cluster.mishap = (method) => (method === "PUT" ? mishap : undefined)

    await expect(store.commit(commitOf({ expected: "one", latest: "two" }))).rejects.toBeInstanceOf(Stopped)

    expect(stops.map(({ code }) => code)).toEqual(["STORE_UNCERTAIN"])
  },
)

test("says that it cannot read when the server is not there", async () => {
  const store = await open()
  await cluster.goDown()

  await expect(store.latest()).rejects.toMatchObject({
    code: "STORE",
    message: expect.stringContaining("ECONNREFUSED"),
  })
})

test("says that it cannot read when the answer is cut off", async () => {
  const store = await open()
  cluster.mishap = () => "done, and cut off"

  await expect(store.latest()).rejects.toMatchObject({ code: "STORE", message: expect.stringContaining("ECONNRESET") })
})

test("says that it cannot read when its token is another's", async () => {
  const store = await open()
  await writeFile(path.join(cluster.access.serviceAccountDirectory, "token"), "other")

  await expect(store.latest()).rejects.toMatchObject({ code: "STORE", message: expect.stringContaining("401") })
})

test("says that it cannot read when the server shows something else", async () => {
  const store = await open()
  cluster.apply({ metadata: { name: LATEST }, binaryData: { latest: "?" } })

  await expect(store.latest()).rejects.toMatchObject({ code: "STORE", message: expect.stringContaining(LATEST) })
})

test("says which file of the service account is missing", async () => {
  await rm(path.join(cluster.access.serviceAccountDirectory, "namespace"))

  await expect(open()).rejects.toMatchObject({
    code: "STORE",
    message: expect.stringMatching(/namespace: ENOENT; the pod needs/),
  })
})

async function open(): Promise<HistoryStore> {
  const stop = (error: CoordinatorError): never => {
    stops.push(error)
    throw new Stopped()
  }
  return (await openHistory({ kind: "configmaps", ...cluster.access }, stop)).store
}

function objectOf(text: string): StoredObject {
  const bytes = encodeUtf8(text)
  return { kind: "manifests", hash: encodeHex(sha256(bytes)), bytes }
}

function commitOf({
  objects = [],
  expected,
  latest,
}: {
  readonly objects?: readonly StoredObject[]
  readonly expected?: string | undefined
  readonly latest: string
}): Commit {
  const none = new Set<string>()
  return {
    objects,
    expectedLatest: expected === undefined ? undefined : encodeUtf8(expected),
    latest: encodeUtf8(latest),
    referenced: () => ({ policies: none, manifests: none, transitions: none }),
  }
}

function textOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes && Buffer.from(bytes).toString("utf8")
}
