import { expect, test } from "@jest/globals"
import { historyConfigMap, historyConfigMapName, historyObjectOf, LATEST } from "../src/index.ts"

const key = "0123".repeat(16)
const content = Uint8Array.of(0, 1, 0xfe, 0xff)

test("keeps each object under the name, the key and the labels of the established implementation", () => {
  expect(historyConfigMap({ kind: "policies", key }, content)).toEqual({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: `contrast-store-policies-${key}`,
      labels: {
        "app.kubernetes.io/name": "kvstore",
        "app.kubernetes.io/component": "coordinator",
        "app.kubernetes.io/managed-by": "contrast.edgeless.systems",
      },
    },
    binaryData: { [key]: "AAH+/w==" },
  })
  expect(historyConfigMapName(LATEST)).toBe("contrast-store-transitions-latest")
})

test("gives back what it keeps", () => {
  const id = { kind: "manifests", key } as const

  expect(historyObjectOf(id, historyConfigMap(id, content).binaryData)).toEqual(content)
})

test.each([[undefined], [null], [{}], [{ latest: 7 }], [{ [key]: "AA==" }], ["latest"], [[]]])(
  "%j holds nothing",
  (binaryData) => {
    expect(historyObjectOf(LATEST, binaryData)).toEqual(new Uint8Array())
  },
)

test("takes an object's own members alone, and base64 alone", () => {
  expect(historyObjectOf({ kind: "policies", key: "toString" }, {})).toEqual(new Uint8Array())
  expect(() => historyObjectOf(LATEST, { latest: "AA" })).toThrow("base64")
})
