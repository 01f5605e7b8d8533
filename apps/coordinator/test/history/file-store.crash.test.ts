import { expect, test } from "@jest/globals"
import fc from "fast-check"
import { encodeHex, encodeUtf8, sha256 } from "@contrast/crypto"
import type { ContentKind } from "@contrast/manifest"
import { FileStore } from "../../src/history/file-store.ts"
import type { Commit, StoredObject } from "../../src/history/history-store.ts"
import { CrashFiles, type Fault, type Survival } from "../support/crash-files.ts"

const DIRECTORY = "/data/history"

/** Three sets; the second shares a policy with the first, and the third its manifest. */
const VERSIONS = [
  objectsOf({ policies: ["web 1", "coordinator"], manifests: ["manifest 1"], transitions: ["transition 1"] }),
  objectsOf({ policies: ["web 2", "coordinator"], manifests: ["manifest 2"], transitions: ["transition 2"] }),
  objectsOf({ policies: ["web 1"], manifests: ["manifest 1"], transitions: ["transition 3"] }),
]
const LATEST = VERSIONS.map((_objects, index) => encodeUtf8(`latest ${index + 1}`))

const EVERYTHING_LOST: Survival = () => false
const EVERYTHING_KEPT: Survival = () => true
const NAMES_WITHOUT_CONTENTS: Survival = (path) => !path.startsWith("content of")
const CONTENTS_WITHOUT_NAMES: Survival = (path) => path.startsWith("content of")
const SURVIVALS = [EVERYTHING_LOST, EVERYTHING_KEPT, NAMES_WITHOUT_CONTENTS, CONTENTS_WITHOUT_NAMES]

const OPERATIONS = await countOperations()

test("takes some dozens of file operations for the story below", () => {
  expect(OPERATIONS).toBeGreaterThan(60)
})

test.each(SURVIVALS.map((survives, index) => [index, survives] as const))(
  "holds the old or the new history after a crash at every operation (survival %i)",
  async (_index, survives) => {
    for (let at = 0; at < OPERATIONS; at++) {
      const { files, acknowledged } = await play(at, "stop")

      await expectWholeHistory(files.afterCrash(survives), acknowledged)
    }
  },
)

test("holds the old or the new history whatever part of the unsynced data a crash keeps", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(OPERATIONS - 1), fc.infiniteStream(fc.boolean()), async (at, coins) => {
      const { files, acknowledged } = await play(at, "stop")

      await expectWholeHistory(
        files.afterCrash(() => coins.next().value === true),
        acknowledged,
      )
    }),
    { numRuns: process.env["SLOW"] ? 20_000 : 500 },
  )
}, 600_000)

test.each(["EIO", "ENOSPC", "EACCES"])(
  "changes nothing or stops when any one operation fails with %s",
  async (code) => {
    for (let at = 0; at < OPERATIONS; at++) {
      const { files, acknowledged, stopped } = await play(at, { code })

      for (const survives of stopped ? SURVIVALS : [EVERYTHING_LOST]) {
        await expectWholeHistory(files.afterCrash(survives), acknowledged)
      }
    }
  },
)

test("takes over what another release left readable to others, whole and private, after a crash at every operation", async () => {
  const { files: ours } = await play(Infinity, "stop")
  ours.expose()
  const opening = ours.afterCrash(EVERYTHING_KEPT)
  await openStore(opening)
  expect(opening.operations).toBeGreaterThan(20)

  for (let at = 0; at < opening.operations; at++) {
    const disk = ours.afterCrash(EVERYTHING_KEPT)
    disk.failAt(at, "stop")
    await expect(openStore(disk)).rejects.toThrow()

    const next = disk.afterCrash(EVERYTHING_LOST)

    await expectWholeHistory(next, VERSIONS.length)
    expect(next.exposed()).toEqual(["/data", DIRECTORY])
  }
})

test("leaves nothing behind once a set has succeeded", async () => {
  for (let at = 0; at < OPERATIONS; at++) {
    const { files } = await play(at, "stop")
    const disk = files.afterCrash(EVERYTHING_KEPT)
    const store = await openStore(disk)
    const current = await versionOf(store)

    if (current < VERSIONS.length) await store.commit(commitOf(current))

    const expected = VERSIONS.slice(0, Math.min(current + 1, VERSIONS.length)).flatMap(namesOf)
    const kept = current < VERSIONS.length ? disk.paths() : []
    for (const path of kept.filter((name) => !name.endsWith("/latest"))) expect(expected).toContain(path)
  }
})

/** Sets three manifests, one after another, each tried twice, until the machine stops. */
async function play(at: number, fault: Fault) {
  const files = new CrashFiles()
  files.failAt(at, fault)
  let stopped = false
  const stop = (error: Error): never => {
    stopped = true
    files.stop()
    throw error
  }
  let acknowledged = 0
  try {
    const store = await FileStore.open({ directory: DIRECTORY, files, stop })
    for (const version of VERSIONS.keys()) {
      // There is one fault, so the second attempt meets none unless the machine has stopped.
      const outcome = await store.commit(commitOf(version)).catch(() => store.commit(commitOf(version)))
      expect(outcome).toBe("committed")
      acknowledged = version + 1
    }
  } catch {
    // Stopped, or the store could not be opened.
  }
  return { files, acknowledged, stopped, operations: files.operations }
}

async function countOperations(): Promise<number> {
  return (await play(Infinity, "stop")).operations
}

async function expectWholeHistory(files: CrashFiles, acknowledged: number): Promise<void> {
  const store = await openStore(files)

  const current = await versionOf(store)

  expect(current === acknowledged || current === acknowledged + 1).toBe(true)
  for (const { kind, hash } of VERSIONS.slice(0, current).flat()) {
    const bytes = await store.read(kind, hash)
    expect(bytes && encodeHex(sha256(bytes))).toBe(hash)
  }
  if (current < VERSIONS.length) expect(await store.commit(commitOf(current))).toBe("committed")
}

function openStore(files: CrashFiles): Promise<FileStore> {
  const stop = (error: Error): never => {
    throw error
  }
  return FileStore.open({ directory: DIRECTORY, files, stop })
}

/** How many sets the store holds. */
async function versionOf(store: FileStore): Promise<number> {
  const latest = await store.latest()
  return latest === undefined ? 0 : LATEST.findIndex((bytes) => Buffer.compare(bytes, latest) === 0) + 1
}

function commitOf(version: number): Commit {
  const kept = VERSIONS.slice(0, version + 1).flat()
  const hashes = (kind: ContentKind) => new Set(kept.filter((object) => object.kind === kind).map(({ hash }) => hash))
  return {
    objects: VERSIONS[version] ?? [],
    expectedLatest: LATEST[version - 1],
    latest: LATEST[version] ?? new Uint8Array(0),
    referenced: () => ({
      policies: hashes("policies"),
      manifests: hashes("manifests"),
      transitions: hashes("transitions"),
    }),
  }
}

function namesOf(objects: readonly StoredObject[]): readonly string[] {
  return objects.map(({ kind, hash }) => `${DIRECTORY}/${kind}/${hash}`)
}

function objectsOf(texts: Readonly<Record<ContentKind, readonly string[]>>): readonly StoredObject[] {
  const kinds = ["policies", "manifests", "transitions"] as const
  return kinds.flatMap((kind) =>
    texts[kind].map((text) => {
      const bytes = encodeUtf8(text)
      return { kind, hash: encodeHex(sha256(bytes)), bytes }
    }),
  )
}
