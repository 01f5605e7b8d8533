import { afterEach, expect, test } from "@jest/globals"
import { encodeBase64, encodeHex } from "@contrast/crypto"
import { COORDINATOR, DATABASE, manifestOf, rsaKey } from "./support/deployment.ts"
import { Labs } from "./support/labs.ts"
import { MemoryStore } from "./support/memory-store.ts"

const labs = new Labs()
afterEach(() => labs.stop())

test("no secret in logs at the most verbose level, and an audit line for every change, recovery and release", async () => {
  const store = new MemoryStore()
  const first = await labs.active({}, { store })
  const { SeedSharesDoc } = await first.set().catch(() => ({ SeedSharesDoc: undefined }))
  const { seedEngine, authority } = first.state
  const { seed, salt } = seedEngine
  const { WorkloadSecret } = await first.newMeshCert({ hostData: DATABASE.hash })
  const { MeshCAKey } = await first.meshRecover({ hostData: COORDINATOR.hash })
  const second = await labs.fresh({ store })
  await second.recover({ seed, salt, key: rsaKey(2048) }).catch(() => undefined)
  await second.recover({ seed: seed.map((byte) => byte ^ 1), salt }).catch(() => undefined)
  await second.recover({ seed, salt })
  await second.set({ Manifest: manifestOf({ Policies: 7 }) }).catch(() => undefined)

  const log = first.logSink.text() + second.logSink.text()

  const meshKey = authority.meshCaKey.export({ type: "pkcs8", format: "der" })
  for (const secret of [seed, WorkloadSecret, MeshCAKey, meshKey]) {
    // A part will do: whoever logs a secret may cut it.
    for (const encoding of [encodeHex, encodeBase64]) {
      expect(log).not.toContain(encoding(secret).slice(8, 32))
      expect(log.toLowerCase()).not.toContain(encoding(secret).slice(8, 32).toLowerCase())
    }
  }
  expect(SeedSharesDoc).toBeUndefined()
  const audited = [...first.logSink.lines(), ...second.logSink.lines()].filter(({ audit }) => audit === true)
  expect(audited.map(({ event }) => event)).toEqual([
    "manifest-set",
    "manifest-set",
    "workload-secret-released",
    "seed-released",
    "recovered",
  ])
  expect(audited[2]).toMatchObject({ policyHash: DATABASE.hash })
  expect(audited[3]).toMatchObject({ policyHash: COORDINATOR.hash })
})
