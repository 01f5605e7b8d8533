import { describe, expect, test } from "@jest/globals"
import { type Manifest, type PolicyEntry, defaultReferenceValues } from "@contrast/manifest"
import { assembleManifest, checkNewManifest, type ManifestParts } from "../../src/generate/manifest.ts"
import { policyEntries } from "../../src/generate/policy-entries.ts"
import { PUBLIC_KEYS } from "../support/keys.ts"
import { COORDINATOR, deployment } from "../support/resources.ts"
import { workloadOf } from "./workload.ts"

const HASH = "a".repeat(64)
const COORDINATOR_ENTRY: PolicyEntry = { sans: ["coordinator"], role: "coordinator" }
const PARTS: ManifestParts = {
  existing: undefined,
  policies: new Map([[HASH, COORDINATOR_ENTRY]]),
  referenceValues: defaultReferenceValues("Metal-QEMU-Insecure"),
  workloadOwnerPubKeys: [PUBLIC_KEYS.workload],
  seedshareOwnerPubKeys: [PUBLIC_KEYS.seedshare],
  disableUpdates: false,
}
const EXISTING: Manifest = {
  policies: new Map([["b".repeat(64), { sans: [] }]]),
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

describe("policy entries", () => {
  test("give each workload its name and a secret of its own", () => {
    const request = { isCoordinator: true, workloadSecretId: undefined, skipInitializer: false, securePv: undefined }

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
    const request = { isCoordinator: false, workloadSecretId, skipInitializer: false, securePv: undefined }

    const entries = policyEntries([{ workload: workloadOf(text).workload, request, hash: HASH }])

    expect(entries.get(HASH)?.workloadSecretId).toBe(expected)
  })

  test("are refused for two workloads of one policy", () => {
    const request = { isCoordinator: false, workloadSecretId: undefined, skipInitializer: false, securePv: undefined }
    const [one, other] = ["a", "b"].map((name) => ({
      workload: workloadOf(deployment(name)).workload,
      request,
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
