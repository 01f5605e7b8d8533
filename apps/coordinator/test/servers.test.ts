import { once } from "node:events"
import { connect } from "node:tls"
import { afterEach, expect, test } from "@jest/globals"
import { COORDINATOR, manifestOf } from "./support/deployment.ts"
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

test("serves transit for a manifest that gives the Coordinator no names", async () => {
  const lab = await labs.fresh()
  const Policies = { [COORDINATOR.hash]: { Role: "coordinator" } }
  await lab.set({ Manifest: manifestOf({ Policies }), Policies: [COORDINATOR.bytes] })
  const socket = connect({ host: "127.0.0.1", port: lab.servers.ports.transit, rejectUnauthorized: false })

  await once(socket, "secureConnect")

  expect(socket.getPeerCertificate().subject.CN).toBe("coordinator")
  socket.destroy()
})
