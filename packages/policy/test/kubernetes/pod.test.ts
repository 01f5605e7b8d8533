import { describe, expect, test } from "@jest/globals"
import { codeOf, messageOf } from "../code-of.ts"
import { IMAGE, generate, podYaml, policyOf } from "../policy-of.ts"

describe("a pod spec is refused for", () => {
  test.each([
    ["unknown: 1", "", "spec.containers[0].unknown: unsupported field"],
    [
      "envFrom: [{configMapRef: {name: x}}]",
      "",
      "spec.containers[0].envFrom: not supported: name each variable in env, with a configMapKeyRef",
    ],
    ["envFrom: {}", "", "spec.containers[0].envFrom: expected a list"],
    [
      "env: [{name: A, valueFrom: {configMapKeyRef: {name: x, key: k, optional: true}}}]",
      "",
      "spec.containers[0].env[0].valueFrom.configMapKeyRef.optional: not supported: the value has to be among the files",
    ],
    [
      "env: [{name: A, valueFrom: {fileKeyRef: {}}}]",
      "",
      "spec.containers[0].env[0].valueFrom.fileKeyRef: unsupported field",
    ],
    ["livenessProbe: {other: {}}", "", "spec.containers[0].livenessProbe.other: unsupported field"],
    ["lifecycle: {preStop: {other: {}}}", "", "spec.containers[0].lifecycle.preStop.other: unsupported field"],
    ["", "volumes: [{name: v, nfs: {}}]", "spec.volumes[0].nfs: unsupported field"],
    ["", "volumes: [{name: v, nfs: {}, emptyDir: }]", "spec.volumes[0].nfs: unsupported field"],
    ["", "volumes: [{name: v, nfs: []}]", "spec.volumes[0].nfs: unsupported field"],
    ["", "volumes: [{name: v, configMap: }]", "spec.volumes[0]: expected a source"],
    [
      "env: [{name: A, valueFrom: {secretKeyRef: {name: x, key: k}}}]",
      "",
      "spec.containers[0].env[0].valueFrom.secretKeyRef: " +
        "not supported: the host knows what is in a Secret, and a policy would show it",
    ],
    ["env: [{name: A, value: 1}]", "", "spec.containers[0].env[0].value: expected a string"],
    ["env: [{name: A=B, value: x}]", "", "spec.containers[0].env[0].name: expected printable ASCII without ="],
    ["env: [{name: A, valueFrom: {}}]", "", "spec.containers[0].env[0].valueFrom: expected a source"],
    [
      "env: [{name: A, value: x, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]",
      "",
      "spec.containers[0].env[0]: expected one of value and valueFrom",
    ],
    [
      "env: [{name: A, valueFrom: {fieldRef: {fieldPath: spec.x}}}]",
      "",
      'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: unsupported field path "spec.x"',
    ],
    ["command: [1]", "", "spec.containers[0].command: expected strings"],
    ['command: ["a\\0b"]', "", "spec.containers[0].command: expected arguments without NUL"],
    ["command: run", "", "spec.containers[0].command: expected a list"],
    ["tty: 1", "", "spec.containers[0].tty: expected true or false"],
    [
      "resources: {limits: {nvidia.com/gpu: 1}}",
      "",
      'spec.containers[0].resources.limits["nvidia.com/gpu"]: unsupported field',
    ],
    ["lifecycle: {stopSignal: SIGTERM}", "", "spec.containers[0].lifecycle.stopSignal: unsupported field"],
    ["livenessProbe: {exec: {shell: x}}", "", "spec.containers[0].livenessProbe.exec.shell: unsupported field"],
    [
      "volumeMounts: [{name: v, mountPath: /v, subPath: x}]",
      "volumes: [{name: v, emptyDir: {}}]",
      "spec.containers[0].volumeMounts[0].subPath: unsupported field",
    ],
    [
      "volumeMounts: [{name: v, mountPath: /v, recursiveReadOnly: Enabled}]",
      "volumes: [{name: v, emptyDir: {}}]",
      "spec.containers[0].volumeMounts[0].recursiveReadOnly: unsupported value: only Disabled is supported",
    ],
    [
      "volumeMounts: [{name: v, mountPath: /v}, {name: v, mountPath: /v}]",
      "volumes: [{name: v, emptyDir: {}}]",
      'spec.containers[0].volumeMounts: "/v" is named twice',
    ],
    [
      "volumeMounts: [{name: w, mountPath: /v}]",
      "",
      'spec.volumes: "w", mounted by container app, is no volume of the pod',
    ],
    [
      "volumeMounts: [{name: v, mountPath: /v, mountPropagation: All}]",
      "volumes: [{name: v, emptyDir: {}}]",
      'spec.containers[0].volumeMounts[0].mountPropagation: expected None or HostToContainer or Bidirectional, got "All"',
    ],
    [
      "volumeDevices: [{name: v, devicePath: /dev/x}]",
      "volumes: [{name: v, emptyDir: {}}]",
      'spec.volumes: "v", a device of container app, is no claim, csi or iscsi volume',
    ],
    [
      "volumeMounts: [{name: v, mountPath: /v}]",
      "volumes: [{name: v, csi: {driver: x}}]",
      'spec.volumes: "v", mounted by container app, is usable as a block device only',
    ],
    [
      "",
      "volumes: [{name: v, emptyDir: {medium: HugePages}}]",
      'spec.volumes[0].emptyDir.medium: expected Memory, got "HugePages"',
    ],
    ["", "volumes: [{name: v, nfs: {server: x, path: /}}]", "spec.volumes[0].nfs: unsupported field"],
    ["", "volumes: [{name: v}]", "spec.volumes[0]: expected a source"],
    ["", "volumes: [{name: v, emptyDir: {}, secret: {}}]", "spec.volumes[0]: expected one source"],
    [
      "",
      "volumes: [{name: V, emptyDir: {}}]",
      "spec.volumes[0].name: expected a name of lower-case letters, digits and -",
    ],
    ["", "volumes: [{name: v, emptyDir: {}}, {name: v, emptyDir: {}}]", 'spec.volumes: "v" is named twice'],
    [
      "",
      "volumes: [{name: v, hostPath: {path: /x, type: Socket}}]",
      "spec.volumes[0].hostPath.type: unsupported value: a socket of the host does not reach the guest",
    ],
    [
      "",
      "volumes: [{name: v, persistentVolumeClaim: {claimName: c, readOnly: 1}}]",
      "spec.volumes[0].persistentVolumeClaim.readOnly: expected true or false",
    ],
    ["", "volumes: [{name: v, ephemeral: {readOnly: true}}]", "spec.volumes[0].ephemeral.readOnly: unsupported field"],
    [
      "",
      "volumes: [{name: v, hostPath: {path: ../x}}]",
      "spec.volumes[0].hostPath.path: expected an absolute path without ..",
    ],
    [
      "",
      "volumes: [{name: v, projected: {sources: [{clusterTrustBundle: {}}]}}]",
      "spec.volumes[0].projected.sources[0].clusterTrustBundle: unsupported field",
    ],
    ["", "hostPID: true", "spec.hostPID: unsupported value: it does not reach outside the guest"],
    ["", "hostIPC: true", "spec.hostIPC: unsupported value: it does not reach outside the guest"],
    ["", "hostUsers: false", "spec.hostUsers: unsupported value: it does not reach outside the guest"],
    ["", "os: {name: windows}", 'spec.os.name: expected linux, got "windows"'],
    ["", "resourceClaims: [{name: x}]", "spec.resourceClaims[0]: unsupported field"],
    ["", "ephemeralContainers: [{name: x}]", "spec.ephemeralContainers: unsupported field"],
    ["", `initContainers: [{name: app, image: ${IMAGE}}]`, 'spec.containers: "app" is named twice'],
    [
      "securityContext: {runAsUser: -1}",
      "",
      "spec.containers[0].securityContext.runAsUser: expected an integer from 0 to 4294967295",
    ],
    [
      "securityContext: {runAsUser: 4294967296}",
      "",
      "spec.containers[0].securityContext.runAsUser: expected an integer from 0 to 4294967295",
    ],
    [
      "securityContext: {runAsUser: 1.5}",
      "",
      "spec.containers[0].securityContext.runAsUser: expected an integer from 0 to 4294967295",
    ],
    [
      "securityContext: {runAsUser: 12345678901234567890}",
      "",
      "spec.containers[0].securityContext.runAsUser: expected an integer from 0 to 4294967295",
    ],
    ["securityContext: {fsGroup: 1}", "", "spec.containers[0].securityContext.fsGroup: unsupported field"],
    [
      "securityContext: {seLinuxOptions: {level: s0}}",
      "",
      "spec.containers[0].securityContext.seLinuxOptions: unsupported field",
    ],
    [
      "securityContext: {procMount: Unmasked}",
      "",
      "spec.containers[0].securityContext.procMount: unsupported value: only Default is supported",
    ],
    [
      "securityContext: {appArmorProfile: {type: Localhost}}",
      "",
      'spec.containers[0].securityContext.appArmorProfile.type: expected RuntimeDefault or Unconfined, got "Localhost"',
    ],
    [
      "securityContext: {capabilities: {add: [FLY]}}",
      "",
      'spec.containers[0].securityContext.capabilities.add: unknown capability "FLY"',
    ],
    [
      "securityContext: {capabilities: {add: [KILL], drop: [CAP_KILL]}}",
      "",
      "spec.containers[0].securityContext.capabilities: KILL is both added and dropped",
    ],
    [
      "securityContext: {privileged: true, capabilities: {drop: [KILL]}}",
      "",
      "spec.containers[0].securityContext.capabilities.drop: a privileged container has all capabilities",
    ],
    [
      "securityContext: {privileged: true, allowPrivilegeEscalation: false}",
      "",
      "spec.containers[0].securityContext.allowPrivilegeEscalation: false is refused for a container that is privileged or has SYS_ADMIN",
    ],
    [
      "securityContext: {capabilities: {add: [sys_admin]}, allowPrivilegeEscalation: false}",
      "",
      "spec.containers[0].securityContext.allowPrivilegeEscalation: false is refused for a container that is privileged or has SYS_ADMIN",
    ],
    [
      "securityContext: {runAsNonRoot: true}",
      "",
      "spec.containers[0].securityContext: runAsNonRoot is true, but the user is 0",
    ],
    [
      "",
      "securityContext: {runAsGroup: 5}",
      "spec.securityContext.runAsGroup: containerd takes a group only together with a runAsUser of the pod",
    ],
    [
      "",
      "securityContext: {supplementalGroups: [x]}",
      "spec.securityContext.supplementalGroups: expected integers from 0 to 4294967295",
    ],
    [
      "",
      "securityContext: {sysctls: [{name: Kernel, value: '1'}]}",
      'spec.securityContext.sysctls[0].name: "Kernel" is no name of a sysctl',
    ],
    [
      "",
      "securityContext: {sysctls: [{name: kernel.x, value: 1}]}",
      "spec.securityContext.sysctls[0].value: expected a string",
    ],
  ])("%s %s", (container, pod, problem) => {
    expect(messageOf(() => generate(podYaml(container, pod)))).toBe(`a.yaml: Pod/web: ${problem}`)
  })

  test.each([
    ["/data/", "expected /data, got /data/"],
    ["//data", "expected /data, got //data"],
    ["/a//b", "expected /a/b, got /a//b"],
    ["/a/./b", "expected /a/b, got /a/./b"],
    ["/a/../b", "expected /b, got /a/../b"],
    ["/../../b/..data", "expected /b/..data, got /../../b/..data"],
  ])("the path %s, which kubelet would not clean", (path, problem) => {
    const key = "spec.containers[0]"
    const why = "kubelet and runtime do not clean a path"

    expect(messageOf(() => generate(podYaml(`terminationMessagePath: ${path}`)))).toBe(
      `a.yaml: Pod/web: ${key}.terminationMessagePath: ${problem}: ${why}`,
    )
    expect(messageOf(() => generate(mountYaml(path)))).toBe(
      `a.yaml: Pod/web: ${key}.volumeMounts[0].mountPath: ${problem}: ${why}`,
    )
    expect(messageOf(() => generate(deviceYaml(path)))).toBe(
      `a.yaml: Pod/web: ${key}.volumeDevices[0].devicePath: ${problem}: ${why}`,
    )
  })

  test.each(["/", "//", "/.", "/a/..", "data", "./data", "/a:b", '"/a\\nb"'])("the path %s", (path) => {
    expect(messageOf(() => generate(mountYaml(path)))).toBe(
      "a.yaml: Pod/web: spec.containers[0].volumeMounts[0].mountPath: expected an absolute path below /, without :",
    )
  })

  test.each(["''", "null"])("a mount or device at the path %s", (path) => {
    expect(messageOf(() => generate(mountYaml(path)))).toBe(
      "a.yaml: Pod/web: spec.containers[0].volumeMounts[0].mountPath: expected a value",
    )
    expect(messageOf(() => generate(deviceYaml(path)))).toBe(
      "a.yaml: Pod/web: spec.containers[0].volumeDevices[0].devicePath: expected a value",
    )
  })

  test.each([
    ["a tag", "registry.example/app:1.0"],
    ["a tag that looks like a digest", "registry.example/app:sha256-0123"],
    ["a digest in upper case", `registry.example/app@sha256:${"D".repeat(64)}`],
    ["a short digest", "registry.example/app@sha256:dddd"],
    ["two digests", `${IMAGE}@sha256:${"d".repeat(64)}`],
    ["upper case in the name", `registry.example/App@sha256:${"d".repeat(64)}`],
    ["a very long name", `registry.example/${"a".repeat(2000)}@sha256:${"d".repeat(64)}`],
  ])("an image with %s", (_name, image) => {
    const message = messageOf(() => generate(podYaml().replace(IMAGE, image)))

    expect(message).toContain("spec.containers[0].image: expected a reference by digest, as name@sha256:…, got ")
  })
})

describe("a pod spec may hold", () => {
  test.each([
    ["fields of the server", "", "", "uid: x, resourceVersion: '1', generation: 1, "],
    ["placement", "", "nodeSelector: {a: b}\ntolerations: [{key: x}]\nrestartPolicy: Never\ndnsPolicy: Default", ""],
    ["nulls", "env:\nargs:\nsecurityContext:\nvolumeMounts:", "volumes:\nsecurityContext:", ""],
    [
      "empty lists and maps of fields that are not supported",
      "envFrom: []\nother: {}",
      "ephemeralContainers: []\nx: {}",
      "",
    ],
    [
      "probes over the network",
      "livenessProbe: {httpGet: {port: 80}, periodSeconds: 1}\nports: [{containerPort: 80}]",
      "",
      "",
    ],
    ["limits", "resources: {limits: {cpu: 1, memory: 1Gi}, requests: {cpu: 1}}", "", ""],
    ["an image with port, path, tag and digest", "", "", ""],
    [
      "profiles",
      "securityContext: {seccompProfile: {type: RuntimeDefault}, appArmorProfile: {type: Unconfined}}",
      "",
      "",
    ],
    ["volumes of all kinds", "", VOLUMES(), ""],
  ])("%s", (_name, container, pod, metadata) => {
    const yaml = podYaml(container, pod).replace("metadata: {", `metadata: {${metadata}`)

    expect(
      messageOf(() => generate(yaml.replace("registry.example/app@", "localhost:5000/a/b_c/d-e:v1@"))),
    ).toBeUndefined()
  })
})

describe("an empty text is absent, as for the API server", () => {
  const account = "env: [{name: A, valueFrom: {fieldRef: {fieldPath: spec.serviceAccountName}}}]\n"

  test.each([
    ["terminationMessagePath: ''", ""],
    ["workingDir: ''\nterminationMessagePath: ''", "volumes: []"],
    ["", "serviceAccountName: ''"],
    ["", "serviceAccountName: ''\nserviceAccount: ''"],
    ["", "securityContext: {fsGroupChangePolicy: ''}"],
  ])("%s %s", (container, pod) => {
    expect(generate(podYaml(`${account}${container}`, pod)).rego).toBe(generate(podYaml(account)).rego)
  })

  test("serviceAccountName: '' beside the old name of the field", () => {
    const container = policyOf(podYaml(account, "serviceAccountName: ''\nserviceAccount: old")).containers[1]

    expect(container?.env.fixed).toMatchObject({ A: "old" })
  })

  test.each([
    ["namespace: default", "namespace: ''", "namespace: "],
    ["name: web", "name: '', generateName: web-", "generateName: web-"],
    ["name: web", "name: web, generateName: ''", "name: web"],
  ])("of metadata, with %s in the place of %s", (text, empty, absent) => {
    expect(generate(podYaml().replace(text, empty)).rego).toBe(generate(podYaml().replace(text, absent)).rego)
  })
})

test("labels and annotations that are null are absent", () => {
  const yaml = podYaml().replace("app: shop", "app: ").replace("note: hello", "note: , other: x")

  expect(policyOf(yaml).containers[1]?.annotations).toEqual({
    "io.kubernetes.container.terminationMessagePath": "/dev/termination-log",
    other: "x",
  })
})

describe("problems", () => {
  test("are all named at once, with those of the images", () => {
    const yaml = podYaml("unknown: 1\ntty: x", "hostPID: true").replace(IMAGE, "app:1.0")

    expect(messageOf(() => generate(yaml))?.split("\n")).toHaveLength(6)
    expect(codeOf(() => generate(yaml))).toBe("RESOURCE")
  })

  test("are named by their place in a controller", () => {
    const spec = `spec: {suspend: true, jobTemplate: {spec: {template: {spec: {x: 1, runtimeClassName: contrast-cc, containers: [{name: a, image: ${IMAGE}}]}}}}}`

    expect(messageOf(() => generate(`apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: tick}\n${spec}\n`))).toBe(
      "a.yaml: CronJob/tick: spec.jobTemplate.spec.template.spec.x: unsupported field",
    )
  })

  test("are named for annotations and labels that are no strings", () => {
    expect(messageOf(() => generate(podYaml().replace("note: hello", "a.b/c: 1")))).toBe(
      'a.yaml: Pod/web: metadata.annotations["a.b/c"]: expected a string',
    )
  })

  test("are named for an object of unknown fields", () => {
    expect(messageOf(() => generate(`${podYaml()}other: 1\n`))).toBe("a.yaml: Pod/web: other: unsupported field")
  })
})

function mountYaml(path: string): string {
  return podYaml(`volumeMounts: [{name: v, mountPath: ${path}}]`, "volumes: [{name: v, emptyDir: {}}]")
}

function deviceYaml(path: string): string {
  return podYaml(`volumeDevices: [{name: v, devicePath: ${path}}]`, "volumes: [{name: v, csi: {driver: x}}]")
}

function VOLUMES(): string {
  return [
    "volumes:",
    "- {name: a, emptyDir: {sizeLimit: 1Gi}}",
    "- {name: b, configMap: {name: x, items: [], optional: true, defaultMode: 420}}",
    "- {name: c, secret: {secretName: x}}",
    "- {name: d, projected: {sources: [{serviceAccountToken: {path: t}}]}}",
    "- {name: e, downwardAPI: {items: []}}",
    "- {name: f, persistentVolumeClaim: {claimName: x}}",
    "- {name: g, ephemeral: {volumeClaimTemplate: {}}}",
    "- {name: h, csi: {driver: x}}",
    "- {name: i, iscsi: {targetPortal: x, iqn: q, lun: 0}}",
    "- {name: j, hostPath: {path: /x}}",
  ].join("\n")
}
