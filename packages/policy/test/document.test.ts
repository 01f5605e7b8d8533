import { describe, expect, test } from "@jest/globals"
import fc from "fast-check"
import { encodeDocument } from "../src/document.ts"
import { FUZZ_RUNS } from "./fuzz.ts"
import { policyOf, podYaml } from "./policy-of.ts"

describe("encodeDocument", () => {
  test("writes one element a line, in the order of fields", () => {
    const document = { ...policyOf(podYaml()), containers: [] }

    expect(encodeDocument({ ...document, sandbox: { ...document.sandbox, storages: [] } })).toBe(`{
  "version": 1,
  "sandbox": {
    "name": "web",
    "namespace": "default",
    "host_network": false,
    "pidns": false,
    "storages": []
  },
  "settings": {
    "oci_versions": [
      "1.1.0",
      "1.2.0",
      "1.2.1",
      "1.3.0"
    ],
    "rlimits": [],
    "apparmor_profiles": [
      "",
      "cri-containerd.apparmor.d"
    ],
    "cgroup_mount_extras": [
      "memory_recursiveprot",
      "nsdelegate"
    ],
    "logs": true,
    "stdin": false,
    "fd_passing": false
  },
  "containers": []
}`)
  })

  test("writes JSON of any text", () => {
    const document = policyOf(podYaml())
    const [container] = document.containers

    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (key, value) => {
        const annotations = new Map([[key, value]])
        const changed = { ...document, containers: container === undefined ? [] : [{ ...container, annotations }] }

        const read = JSON.parse(encodeDocument(changed)) as { containers: { annotations: object }[] } // as the type says

        expect(Object.entries(read.containers[0]?.annotations ?? {})).toEqual([[key, value]])
      }),
      { numRuns: FUZZ_RUNS },
    )
  })
})
