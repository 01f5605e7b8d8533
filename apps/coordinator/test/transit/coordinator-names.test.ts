import { expect, test } from "@jest/globals"
import { parseSubjectAltNames } from "@contrast/crypto"
import { parseManifest } from "@contrast/manifest"
import { coordinatorNames } from "../../src/transit/coordinator-names.ts"
import { manifestOf } from "../support/deployment.ts"

const hash = (digit: string): string => digit.repeat(64)
const namesFor = (...entries: readonly (readonly string[])[]): readonly string[] => {
  const Policies = Object.fromEntries(
    entries.map((SANs, index) => [hash(String(index)), { SANs, Role: "coordinator" }]),
  )
  return coordinatorNames(parseManifest(manifestOf({ Policies: { ...Policies, [hash("f")]: { SANs: ["web"] } } })))
}

test("are those of every Coordinator of the manifest, each once, and of nobody else", () => {
  expect(namesFor(["coordinator", "*"], ["coordinator", "10.0.0.1"])).toEqual(["coordinator", "*", "10.0.0.1"])
})

test.each<[string, readonly string[]]>([
  ["no names", []],
  ["names that no certificate can carry", ["coordinator:80", "ä"]],
])("are that of the service where the manifest gives %s", (_title, names) => {
  expect(namesFor(names)).toEqual(["coordinator"])
})

test("leave out what no certificate can carry", () => {
  expect(namesFor(["a:1", "good"])).toEqual(["good"])
})

test("fit into a certificate, however many there are", () => {
  const many = (letter: string): string[] =>
    Array.from({ length: 150 }, (_, index) => `${letter.repeat(60)}.${letter.repeat(60)}.${letter}${index}`)

  const names = namesFor(many("a"), many("b"))

  expect(names.length).toBeGreaterThan(100)
  expect(parseSubjectAltNames(names).dns).toEqual(names)
})

test("are found in little time among tens of thousands", () => {
  const sans = Array.from({ length: 40_000 }, (_, index) => `n${index}`)
  const manifest = parseManifest(manifestOf({ Policies: { [hash("0")]: { SANs: ["a"], Role: "coordinator" } } }))
  const [[id, entry] = []] = manifest.policies
  if (id === undefined || entry === undefined) throw new Error("expected a policy")
  const started = performance.now()

  const names = coordinatorNames({ ...manifest, policies: new Map([[id, { ...entry, sans }]]) })

  expect(performance.now() - started).toBeLessThan(1000)
  expect(names.length).toBe(3498)
  expect(names).toEqual(sans.slice(0, 3498))
})
