import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import { parseAllDocuments } from "yaml"
import { Stage } from "../src/index.ts"

/** The parts of a generated StatefulSet that its volume is about. */
interface StatefulSet {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly initContainers: readonly Readonly<Record<string, unknown>>[]
        readonly containers: readonly { readonly volumeMounts: readonly unknown[] }[]
        readonly volumes: readonly unknown[]
      }
    }
  }
}

describe("a StatefulSet with secure-pv", () => {
  let stage: Stage
  let pod: StatefulSet["spec"]["template"]["spec"]

  beforeAll(async () => {
    stage = await Stage.open()
    await stage.contrast("generate", "--INSECURE", "--reference-values", "Metal-QEMU-Insecure", "resources")
    const [first] = parseAllDocuments((await stage.read("resources", "db.yml")).toString())
    pod = (first?.toJS() as StatefulSet).spec.template.spec // the example begins with the StatefulSet
  }, 60_000)

  afterAll(() => stage.close())

  test("starts the Initializer first, as a privileged sidecar with the disk and the mount", () => {
    const { image, resources, ...initializer } = pod.initContainers[0] ?? {}

    expect(image).toMatch(/@sha256:[0-9a-f]{64}$/)
    expect(resources).toStrictEqual({ requests: { memory: "192Mi" }, limits: { memory: "192Mi" } })
    expect(initializer).toStrictEqual({
      name: "contrast-initializer",
      restartPolicy: "Always",
      env: [
        { name: "COORDINATOR_HOST", value: "coordinator-ready.default" },
        { name: "CRYPTSETUP_DEVICE", value: "/dev/csi0" },
        { name: "CONTRAST_SERVICE_MESH_DISABLED", value: "true" },
      ],
      securityContext: { privileged: true },
      startupProbe: { exec: { command: ["/bin/test", "-f", "/done"] }, periodSeconds: 5, failureThreshold: 20 },
      volumeDevices: [{ name: "disk", devicePath: "/dev/csi0" }],
      volumeMounts: [
        { name: "state", mountPath: "/state", mountPropagation: "Bidirectional" },
        { name: "contrast-secrets", mountPath: "/contrast" },
      ],
    })
  })

  test("keeps mount and secrets in memory and shows both to the application", () => {
    expect(pod.volumes).toStrictEqual([
      { name: "state", emptyDir: { medium: "Memory" } },
      { name: "contrast-secrets", emptyDir: { medium: "Memory" } },
    ])
    expect(pod.containers[0]?.volumeMounts).toStrictEqual([
      { name: "state", mountPath: "/var/lib/etcd", mountPropagation: "HostToContainer" },
      { name: "contrast-secrets", mountPath: "/contrast" },
    ])
  })
})
