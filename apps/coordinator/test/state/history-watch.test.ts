import { randomBytes } from "node:crypto"
import { setTimeout } from "node:timers/promises"
import { afterEach, expect, test } from "@jest/globals"
import type { Commit } from "../../src/history/history-store.ts"
import { HistoryWatch } from "../../src/state/history-watch.ts"
import { COORDINATOR, manifestOf } from "../support/deployment.ts"
import { Lab } from "../support/lab.ts"
import { MemoryStore } from "../support/memory-store.ts"

const SECOND = { Manifest: manifestOf({ Policies: { [COORDINATOR.hash]: { SANs: ["second"], Role: "coordinator" } } }) }

/** Its answers come later than what they tell of. */
class LateStore extends MemoryStore {
  override async commit(commit: Commit): Promise<"committed" | "conflict"> {
    const outcome = await super.commit(commit)
    await setTimeout(5)
    return outcome
  }
}

const labs: Lab[] = []
afterEach(() => Promise.all(labs.splice(0).map((lab) => lab.stop())))

test("sees that another Coordinator has moved the history on", async () => {
  const { store, first, second } = await twoCoordinators()
  const watch = watchOf(second, store)
  await watch.look()
  expect(kindOf(second)).toBe("active")

  await first.set({ ...SECOND, Policies: [COORDINATOR.bytes] })
  await watch.look()

  expect(kindOf(second)).toBe("needs-recovery")
  await expect(second.getManifests()).rejects.toMatchObject({ code: "NEEDS_RECOVERY" })
  await expect(second.newMeshCert()).rejects.toMatchObject({ code: "MESH_NOT_READY" })
  await second.recover(first.state.seedEngine)
  await watch.look()
  expect((await second.getManifests()).Manifests).toHaveLength(2)
})

test("sees that another Coordinator has set the first manifest", async () => {
  const store = new MemoryStore()
  const [first, second] = [await start(store), await start(store)]
  await first.set()

  await watchOf(second, store).look()

  expect(kindOf(second)).toBe("needs-recovery")
})

test.each([
  ["is signed by another key", () => randomBytes(130), "signed"],
  ["is too short", () => randomBytes(3), "expected 33 to 136 bytes"],
  ["is gone", () => undefined, "gone"],
])("believes no head that %s, and says so once", async (_which, head, reason) => {
  const { store, second } = await twoCoordinators()
  const [watch, before] = [watchOf(second, store), store.head]
  store.head = head()

  await watch.look()
  await watch.look()

  expect(kindOf(second)).toBe("active")
  expect(complaints(second)).toEqual([expect.stringContaining(reason)])
  store.head = before
  await watch.look()
  store.head = head()
  await watch.look()
  expect(complaints(second)).toHaveLength(2)
})

test("stays with what it knows when an older head is put back, and says so", async () => {
  const store = new MemoryStore()
  const lab = await start(store)
  await lab.set()
  const older = store.head
  await lab.set({ ...SECOND, Policies: [COORDINATOR.bytes] })
  store.head = older

  await watchOf(lab, store).look()

  expect(kindOf(lab)).toBe("active")
  expect(complaints(lab)).toEqual([expect.stringContaining("rolled back to generation 1")])
})

test("waits for a store that does not answer", async () => {
  const { store, first, second } = await twoCoordinators()
  const watch = watchOf(second, store)
  store.isBroken = true
  await watch.look()
  expect(kindOf(second)).toBe("active")
  expect(complaints(second)).toEqual(["the store is broken"])

  store.isBroken = false
  await first.set({ ...SECOND, Policies: [COORDINATOR.bytes] })
  await watch.look()
  expect(kindOf(second)).toBe("needs-recovery")
})

test("takes no set of its own for somebody else's", async () => {
  const store = new LateStore()
  const lab = await start(store)
  const watch = watchOf(lab, store)
  const sets = new AbortController()
  const looking = (async () => {
    while (!sets.signal.aborted) {
      await watch.look()
      await setTimeout(0)
    }
  })()

  await lab.set()
  for (let round = 0; round < 20; round += 1) await lab.set({ ...SECOND, Policies: [COORDINATOR.bytes] })
  sets.abort()
  await looking

  expect((await lab.getManifests()).Manifests).toHaveLength(21)
})

async function start(store: MemoryStore): Promise<Lab> {
  const lab = await Lab.start({ store })
  labs.push(lab)
  return lab
}

/** Two that hold the same state over the same store. */
async function twoCoordinators(): Promise<{ store: MemoryStore; first: Lab; second: Lab }> {
  const store = new MemoryStore()
  const first = await start(store)
  await first.set()
  const second = await start(store)
  await second.recover(first.state.seedEngine)
  return { store, first, second }
}

function watchOf(lab: Lab, store: MemoryStore): HistoryWatch {
  return new HistoryWatch({ guard: lab.servers.guard, store, log: lab.logSink.log })
}

function kindOf(lab: Lab): string {
  return lab.servers.guard.current().kind
}

function complaints({ logSink }: Lab): readonly unknown[] {
  const lines = logSink.lines().filter(({ msg }) => msg === "the history is not in its store as it should be")
  return lines.map(({ reason }) => reason)
}
