import { expect, test } from "@jest/globals"
import { EncryptionCounts } from "../../src/transit/encryption-counts.ts"
import type { Engine } from "../../src/transit/engine.ts"
import { type Epoch, Epochs } from "../../src/transit/epoch.ts"
import { type DeriveTransitKey, TransitKeys } from "../../src/transit/keys.ts"
import { createMesh } from "./harness.ts"

const MINUTE_MS = 60_000
const start = Date.now()
const mesh = createMesh()

function createEpochs(): { readonly epochs: Epochs; readonly began: readonly Epoch[] } {
  const began: Epoch[] = []
  const coordinator = {
    availability: () => "active" as const,
    state: () => mesh.state,
    issueInterimCredentials: () => mesh.state.issueServerCredentials(),
  }
  const createEngine = (derive: DeriveTransitKey): Engine => ({
    keys: new TransitKeys(derive),
    counts: new EncryptionCounts(),
    randomBytes: (size) => new Uint8Array(size),
  })
  const epochs = new Epochs(coordinator, createEngine, (epoch) => began.push(epoch))
  return { epochs, began }
}

test.each([
  ["stays", 59, 1],
  ["is renewed", 61, 2],
])("the server's certificate %s after %d minutes", (_title, minutes, count) => {
  const { epochs, began } = createEpochs()
  epochs.current(new Date(start))

  epochs.current(new Date(start + minutes * MINUTE_MS))

  expect(began).toHaveLength(count)
})

test("a certificate of a clock that was ahead is replaced when the clock is set back, once", () => {
  const { epochs, began } = createEpochs()
  const ahead = epochs.current(new Date(start + 600 * MINUTE_MS))

  const corrected = epochs.current(new Date(start))
  const later = epochs.current(new Date(start + MINUTE_MS))

  expect(corrected).toMatchObject({ sinceMs: start, state: ahead.state })
  expect(corrected.engine).toBe(ahead.engine)
  expect(later).toBe(corrected)
  expect(began).toEqual([ahead, corrected])
})
