import { afterEach, expect, test } from "@jest/globals"
import { Labs } from "./support/labs.ts"
import { SlowStore } from "./support/slow-store.ts"

const labs = new Labs()
afterEach(() => labs.stop())

test("lets a call in progress end when it stops", async () => {
  const store = new SlowStore()
  const lab = await labs.fresh({ store })
  const set = lab.set()
  await store.arrival

  const closed = lab.servers.close(20_000)
  store.release()

  expect((await set).SeedSharesDoc?.SeedShares).toHaveLength(2)
  await closed
})

test("stops without a call that does not end in time", async () => {
  const store = new SlowStore()
  const lab = await labs.fresh({ store })
  const set = lab.set()
  const outcome = expect(set).rejects.toMatchObject({ name: "ProtocolError" })
  await store.arrival

  await lab.servers.close(100)

  await outcome
  store.release()
})
