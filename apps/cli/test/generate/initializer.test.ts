import { describe, expect, test } from "@jest/globals"
import { injectInitializer, removeInitializer } from "../../src/generate/initializer.ts"
import { deployment } from "../support/resources.ts"
import { DATABASE, podSpecOf, textsOf, workloadOf } from "./workload.ts"

const IMAGE = `registry.example/initializer@sha256:${"b".repeat(64)}`
const SECRETS = { name: "contrast-secrets", mountPath: "/contrast" }

describe("the Initializer", () => {
  test("comes first, and its secrets are mounted everywhere", () => {
    const { workload } = workloadOf(
      deployment("web").replace("containers:", "initContainers:\n        - name: first\n      containers:"),
    )

    const problems = injectInitializer(workload, { image: IMAGE, coordinatorNamespace: "ns", securePv: undefined })

    expect(problems).toEqual([])
    expect(podSpecOf(workload)).toMatchObject({
      initContainers: [
        {
          name: "contrast-initializer",
          image: IMAGE,
          env: [
            { name: "COORDINATOR_HOST", value: "coordinator-ready.ns" },
            { name: "CONTRAST_SERVICE_MESH_DISABLED", value: "true" },
          ],
          securityContext: { capabilities: { add: ["NET_ADMIN"] } },
          volumeMounts: [SECRETS],
        },
        { name: "first", volumeMounts: [SECRETS] },
      ],
      containers: [{ name: "app", volumeMounts: [SECRETS] }],
      volumes: [{ name: "contrast-secrets", emptyDir: { medium: "Memory" } }],
    })
  })

  test("is told when an empty disk is to be refused", () => {
    const { workload } = workloadOf(DATABASE)
    const securePv = { device: "disk", mount: "state", format: "never" } as const

    injectInitializer(workload, { image: IMAGE, coordinatorNamespace: undefined, securePv })

    const [initializer] = (podSpecOf(workload) as { initContainers: readonly { env: readonly object[] }[] })
      .initContainers
    expect(initializer?.env).toContainEqual({ name: "CRYPTSETUP_FORMAT", value: "never" })
  })

  test.each(["runAsUser: 1000", "runAsGroup: 1000", "runAsNonRoot: true"])(
    "is root also in a pod with %s",
    (stated) => {
      const text = deployment("web").replace("containers:", `securityContext: { ${stated} }\n      containers:`)
      const { workload } = workloadOf(text)

      injectInitializer(workload, { image: IMAGE, coordinatorNamespace: undefined, securePv: undefined })

      const { initContainers } = podSpecOf(workload) as { initContainers: readonly { securityContext: object }[] }
      expect(initContainers[0]?.securityContext).toEqual({
        runAsUser: 0,
        runAsGroup: 0,
        runAsNonRoot: false,
        capabilities: { add: ["NET_ADMIN"] },
      })
    },
  )

  test("opens an encrypted disk, and stays while it is open", () => {
    const { workload } = workloadOf(DATABASE)
    const securePv = { device: "disk", mount: "state" }

    const problems = injectInitializer(workload, { image: IMAGE, coordinatorNamespace: undefined, securePv })

    expect(problems).toEqual([])
    const spec = podSpecOf(workload) as { initContainers: readonly { resources: object }[] }
    expect(spec).toMatchObject({
      initContainers: [
        {
          restartPolicy: "Always",
          env: [
            { name: "COORDINATOR_HOST", value: "coordinator-ready.default" },
            { name: "CRYPTSETUP_DEVICE", value: "/dev/csi0" },
            { name: "CONTRAST_SERVICE_MESH_DISABLED", value: "true" },
          ],
          securityContext: { privileged: true },
          startupProbe: { exec: { command: ["/bin/test", "-f", "/done"] }, periodSeconds: 5, failureThreshold: 20 },
          volumeDevices: [{ name: "disk", devicePath: "/dev/csi0" }],
          volumeMounts: [{ name: "state", mountPath: "/state", mountPropagation: "Bidirectional" }, SECRETS],
        },
      ],
      volumes: [
        { name: "state", emptyDir: { medium: "Memory" } },
        { name: "contrast-secrets", emptyDir: { medium: "Memory" } },
      ],
    })
    const { limits, requests } = spec.initContainers[0]?.resources as { limits: unknown; requests: unknown }
    expect(limits).toEqual(requests)
  })

  test("takes the place of an earlier one, and changes nothing the next time", () => {
    const { workload, write } = workloadOf(
      deployment("web").replace(
        "containers:",
        "initContainers: [{ name: first }, { name: contrast-initializer, image: old }]\n      containers:",
      ),
    )
    const inputs = { image: IMAGE, coordinatorNamespace: undefined, securePv: undefined }

    injectInitializer(workload, inputs)
    const once = write()
    injectInitializer(workload, inputs)

    expect(podSpecOf(workload)).toMatchObject({ initContainers: [{ image: IMAGE }, { name: "first" }] })
    expect(once).not.toContain("image: old")
    expect(write()).toBe(once)
  })

  test.each([
    ["of one container", deployment("web")],
    [
      "with lists of its own",
      deployment("web")
        .replace("containers:", "initContainers:\n        - name: first\n      containers:")
        .replace("command:", "volumeMounts: [{ name: data, mountPath: /data }]\n          command:") +
        "      volumes: [{ name: data, emptyDir: {} }]\n",
    ],
  ])("is taken out of a workload %s, with all that came with it", (_name, text) => {
    const { workload } = workloadOf(text)
    const before = podSpecOf(workload)
    injectInitializer(workload, { image: IMAGE, coordinatorNamespace: undefined, securePv: undefined })

    expect(removeInitializer(workload)).toEqual([])
    expect(podSpecOf(workload)).toEqual(before)
  })

  test("is not taken out where there is none, nor is anything of its names", () => {
    const text = deployment("web").replace(
      "command:",
      "volumeMounts: [{ name: contrast-secrets, mountPath: /contrast }]\n          command:",
    )
    const { workload, write } = workloadOf(
      `${text}      volumes: [{ name: contrast-secrets, emptyDir: { medium: Memory } }]\n`,
    )
    const before = write()

    expect(removeInitializer(workload)).toEqual([])
    expect(write()).toBe(before)
  })

  test("leaves a volume that is not as it makes one, and refuses mounts that would be left without files", () => {
    const volume = { name: "contrast-secrets", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } }
    const text = deployment("web").replace(
      "command:",
      "volumeMounts: [{ name: contrast-secrets, mountPath: /certs }]\n          command:",
    )
    const { workload } = workloadOf(`${text}      volumes: [${JSON.stringify(volume)}]\n`)
    injectInitializer(workload, { image: IMAGE, coordinatorNamespace: undefined, securePv: undefined })

    const problems = removeInitializer(workload)

    expect(textsOf(problems)).toEqual([
      'container app: the Initializer is skipped, and volume "contrast-secrets" with it: remove its mount at /certs',
    ])
    expect(podSpecOf(workload)).toMatchObject({ volumes: [volume] })
  })

  test.each([
    [
      "its volume is something else",
      deployment("web") + "      volumes: [{ name: contrast-secrets, configMap: { name: x } }]\n",
      /"contrast-secrets" must be an emptyDir with medium: Memory/,
    ],
    [
      "its volume is on a disk",
      deployment("web") + "      volumes: [{ name: contrast-secrets, emptyDir: {} }]\n",
      /"contrast-secrets" must be an emptyDir with medium: Memory/,
    ],
    [
      "something else is mounted in its place",
      deployment("web").replace("command: [/app]", "volumeMounts: [{ name: other, mountPath: /contrast }]"),
      /container app: \/contrast is where the Initializer's files appear/,
    ],
  ])("is refused when %s", (_name, text, problem) => {
    const { workload } = workloadOf(text)

    const problems = injectInitializer(workload, { image: IMAGE, coordinatorNamespace: undefined, securePv: undefined })

    expect(textsOf(problems).join("\n")).toMatch(problem)
  })
})
