import { expect, test } from "@jest/globals"
import { MESSAGE_LIMIT, MESSAGE_WARNING, TransitKeys } from "../../src/transit/keys.ts"

function createKeys(warnAt?: number): {
  keys: TransitKeys
  derived: string[]
  encrypted: string[]
  warnings: number[]
} {
  const told = { derived: [] as string[], encrypted: [] as string[], warnings: [] as number[] }
  const keys = new TransitKeys(
    (id, version) => {
      told.derived.push(`${id} ${version}`)
      return new Uint8Array(32)
    },
    {
      encrypted: (id, version) => told.encrypted.push(`${id} ${version}`),
      nearLimit: (_id, _version, messages) => told.warnings.push(messages),
    },
    warnAt,
  )
  return { keys, ...told }
}

test("derives a key once", () => {
  const { keys, derived } = createKeys()

  keys.get("web", 1)
  keys.use("web", 1)
  keys.get("web", 2)

  expect(derived).toEqual(["web 1", "web 2"])
})

test("tells about each encryption, and never about a decryption", () => {
  const { keys, encrypted } = createKeys()

  keys.get("web", 1)
  keys.use("web", 1)
  keys.use("db", 3)

  expect(encrypted).toEqual(["web 1", "db 3"])
})

test("warns once, well before the limit", () => {
  const { keys, warnings } = createKeys(3)

  for (let message = 0; message < 5; message += 1) keys.use("web", 1)

  expect(warnings).toEqual([3])
  expect(MESSAGE_WARNING).toBeLessThan(MESSAGE_LIMIT)
})

test("stays bounded and forgets keys that only decrypted first", () => {
  const { keys, derived } = createKeys()
  keys.use("web", 1)

  for (let version = 2; version < 10_000; version += 1) keys.get("web", version)
  const before = derived.length
  keys.get("web", 1)

  expect(derived).toHaveLength(before)
})
