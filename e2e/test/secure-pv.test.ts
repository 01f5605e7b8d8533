import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import { readFile, writeFile } from "node:fs/promises"
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

type PodSpec = StatefulSet["spec"]["template"]["spec"]

describe("a StatefulSet with secure-pv", () => {
  let stage: Stage
  let pod: PodSpec

  const generate = async (): Promise<PodSpec> => {
    const { exitCode, stderr } = await stage.contrast(
      ...["generate", "--INSECURE", "--reference-values", "Metal-QEMU-Insecure", "resources"],
    )
    if (exitCode !== 0) throw new Error(stderr)
    const [first] = parseAllDocuments((await stage.read("resources", "db.yml")).toString())
    return (first?.toJS() as StatefulSet).spec.template.spec // the example begins with the StatefulSet
  }

  beforeAll(async () => {
    stage = await Stage.open()
    pod = await generate()
  }, 60_000)

  afterAll(() => stage.close())

  test("starts the Initializer first, as a privileged sidecar with the disk and the mount", () => {
    const { image, resources, ...initializer } = pod.initContainers[0] ?? {}

    expect(image).toMatch(/@sha256:[0-9a-f]{64}$/)
    // What ours takes, not the 100Mi of the established Initializer: Node, cryptsetup's argon2id and their file caches.
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

  test("has the Initializer refuse an empty disk if its annotations say so", async () => {
    const annotation = 'contrast.edgeless.systems/secure-pv: "disk:state"'
    const file = stage.path("resources", "db.yml")
    const source = await readFile(file, "utf8")
    await writeFile(
      file,
      source.replace(annotation, `${annotation}\n        contrast.edgeless.systems/secure-pv-format: never`),
    )

    const initializer = (await generate()).initContainers[0]

    expect(initializer?.["env"]).toStrictEqual([
      { name: "COORDINATOR_HOST", value: "coordinator-ready.default" },
      { name: "CRYPTSETUP_DEVICE", value: "/dev/csi0" },
      { name: "CRYPTSETUP_FORMAT", value: "never" },
      { name: "CONTRAST_SERVICE_MESH_DISABLED", value: "true" },
    ])
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
