import { expect, test } from "@jest/globals"
import { TransitKeys } from "../../src/transit/keys.ts"

function createKeys(): { keys: TransitKeys; derived: string[] } {
  const derived: string[] = []
  const keys = new TransitKeys((id, version) => {
    derived.push(`${id} ${version}`)
    return new Uint8Array(32)
  })
  return { keys, derived }
}

test("derives a key once", () => {
  const { keys, derived } = createKeys()

  keys.get("web", 1)
  keys.get("web", 1)
  keys.get("web", 2)
  keys.get("web", 1)

  expect(derived).toEqual(["web 1", "web 2"])
})

test("stays bounded: forgets keys that were not asked for lately, and keeps those that were", () => {
  const { keys, derived } = createKeys()
  keys.get("web", 1)

  for (let version = 2; version < 10_000; version += 1) {
    keys.get("web", version)
    if (version % 1000 === 0) keys.get("db", 1)
  }
  keys.get("web", 1)

  expect(derived.filter((name) => name === "web 1")).toHaveLength(2)
  expect(derived.filter((name) => name === "db 1")).toHaveLength(1)
})
