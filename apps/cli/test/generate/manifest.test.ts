import { describe, expect, test } from "@jest/globals"
import { type Manifest, type PolicyEntry, defaultReferenceValues } from "@contrast/manifest"
import {
  assembleManifest,
  checkNewManifest,
  describeLostEdits,
  type ManifestParts,
} from "../../src/generate/manifest.ts"
import { policyEntries } from "../../src/generate/policy-entries.ts"
import { PUBLIC_KEYS } from "../support/keys.ts"
import { COORDINATOR, deployment } from "../support/resources.ts"
import { workloadOf } from "./workload.ts"

const HASH = "a".repeat(64)
const OTHER_HASH = "b".repeat(64)
const COORDINATOR_ENTRY: PolicyEntry = { sans: ["coordinator"], role: "coordinator" }
const PARTS: ManifestParts = {
  existing: undefined,
  policies: new Map([[HASH, COORDINATOR_ENTRY]]),
  referenceValues: defaultReferenceValues("Metal-QEMU-Insecure"),
  workloadOwnerPubKeys: [PUBLIC_KEYS.workload],
  seedshareOwnerPubKeys: [PUBLIC_KEYS.seedshare],
  disableUpdates: false,
}
const NOTHING = { isCoordinator: false, workloadSecretId: undefined, skipInitializer: false, securePv: undefined }
const EXISTING: Manifest = {
  policies: new Map([[OTHER_HASH, { sans: [] }]]),
  referenceValues: defaultReferenceValues("Metal-QEMU-TDX"),
  workloadOwnerPubKeys: [PUBLIC_KEYS.otherWorkload],
  workloadOwnerKeyDigests: ["c".repeat(64)],
  seedshareOwnerPubKeys: [PUBLIC_KEYS.seedshare.toUpperCase()],
  minimumApiVersion: "v1",
}

describe("a new manifest", () => {
  test("takes over the owners from the one before", () => {
    const manifest = assembleManifest({ ...PARTS, existing: EXISTING })

    expect(manifest).toEqual({
      ...EXISTING,
      policies: PARTS.policies,
      referenceValues: PARTS.referenceValues,
      workloadOwnerPubKeys: [PUBLIC_KEYS.workload, PUBLIC_KEYS.otherWorkload].sort(),
    })
  })

  test("names no workload owner when updates are disabled, by key or digest", () => {
    const { workloadOwnerPubKeys, workloadOwnerKeyDigests } = assembleManifest({
      ...PARTS,
      existing: EXISTING,
      disableUpdates: true,
    })

    expect({ workloadOwnerPubKeys, workloadOwnerKeyDigests }).toEqual({
      workloadOwnerPubKeys: [],
      workloadOwnerKeyDigests: [],
    })
  })

  test("may lack reference values, and nothing else", () => {
    const incomplete = assembleManifest({ ...PARTS, referenceValues: defaultReferenceValues("Metal-QEMU-SNP") })

    expect(() => {
      checkNewManifest("manifest.json", incomplete)
    }).not.toThrow()
    expect(() => {
      checkNewManifest("manifest.json", { ...incomplete, policies: new Map() })
    }).toThrow(expect.objectContaining({ code: "MANIFEST" }))
  })
})

describe("an entry that the new manifest does not take over", () => {
  test.each([
    ["nobody has edited", { sans: ["web", "*"], workloadSecretId: "apps/v1/Deployment/default/web" }, 0],
    ["nobody has edited, of no secret", { sans: ["web", "*"] }, 0],
    ["nobody has edited, of a made-up name", { sans: ["*"], workloadSecretId: "batch/v1/Job/default/batch-" }, 0],
    ["has more names", { sans: ["web", "www", "*"], workloadSecretId: "apps/v1/Deployment/default/web" }, 1],
    ["has no name", { sans: [], workloadSecretId: "apps/v1/Deployment/default/web" }, 1],
    ["has lost its name", { sans: ["*"], workloadSecretId: "apps/v1/Deployment/default/web" }, 1],
    ["has lost its wildcard", { sans: ["web"], workloadSecretId: "apps/v1/Deployment/default/web" }, 1],
    ["has another secret", { sans: ["web", "*"], workloadSecretId: "shared" }, 1],
  ])("is told of if it was edited: one that %s", (_name, entry: PolicyEntry, count) => {
    const existing = { ...EXISTING, policies: new Map([[OTHER_HASH, entry]]) }

    expect(describeLostEdits("manifest.json", { existing, policies: PARTS.policies })).toHaveLength(count)
  })
})

describe("policy entries", () => {
  test("give each workload its name and a secret of its own", () => {
    const request = { ...NOTHING, isCoordinator: true }

    const entries = policyEntries([{ workload: workloadOf(COORDINATOR).workload, request, hash: HASH }])

    expect([...entries]).toEqual([
      [
        HASH,
        {
          sans: ["coordinator", "*"],
          workloadSecretId: "apps/v1/StatefulSet/default/coordinator",
          role: "coordinator",
        },
      ],
    ])
  })

  test.each([
    [undefined, "core/v1/Pod/team/x"],
    ["mine", "mine"],
    ["", undefined],
  ])("have the secret that %j asks for", (workloadSecretId, expected) => {
    const text = `{ apiVersion: v1, kind: Pod, metadata: { name: x, namespace: team }, spec: { runtimeClassName: contrast-cc } }\n`
    const request = { ...NOTHING, workloadSecretId }

    const entries = policyEntries([{ workload: workloadOf(text).workload, request, hash: HASH }])

    expect(entries.get(HASH)?.workloadSecretId).toBe(expected)
  })

  test("have no name but the wildcard where Kubernetes makes the name up", () => {
    const text = `{ apiVersion: v1, kind: Pod, metadata: { generateName: batch- }, spec: { runtimeClassName: contrast-cc } }\n`

    const entries = policyEntries([{ workload: workloadOf(text).workload, request: NOTHING, hash: OTHER_HASH }])

    expect([...entries.values()]).toEqual([{ sans: ["*"], workloadSecretId: "core/v1/Pod/default/batch-" }])
    expect(() => {
      checkNewManifest("manifest.json", {
        ...assembleManifest(PARTS),
        policies: new Map([...PARTS.policies, ...entries]),
      })
    }).not.toThrow()
  })

  test.each(["batch-", "a b", "-"])("are refused for the name %j, which fits into no certificate", (name) => {
    const { workload } = workloadOf(deployment(JSON.stringify(name)))

    expect(() => policyEntries([{ workload, request: NOTHING, hash: HASH }])).toThrow(
      expect.objectContaining({
        code: "WORKLOAD",
        problems: [expect.objectContaining({ file: "web.yml", path: "metadata.name" })],
      }),
    )
  })

  test("are refused for two workloads of one policy", () => {
    const [one, other] = ["a", "b"].map((name) => ({
      workload: workloadOf(deployment(name)).workload,
      request: NOTHING,
      hash: HASH,
    }))

    expect(() => policyEntries([one, other].filter((item) => item !== undefined))).toThrow(
      expect.objectContaining({
        code: "WORKLOAD",
        problems: [
          expect.objectContaining({
            resource: "Deployment/b",
            message: expect.stringContaining("Deployment/a") as unknown,
          }),
        ],
      }),
    )
  })
})
