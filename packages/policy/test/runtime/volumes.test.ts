import { describe, expect, test } from "@jest/globals"
import type { ContainerPolicy } from "../../src/document.ts"
import { assertBelowRoot } from "../../src/runtime/mounts.ts"
import { messageOf } from "../code-of.ts"
import { FACTS, containerOf, podYaml, policyOf } from "../policy-of.ts"

function mountOf(policy: ContainerPolicy | undefined, destination: string): unknown {
  return policy?.mounts.find((mount) => mount.destination === destination)
}

function volumeMount(mount: string, volume: string): ContainerPolicy {
  return containerOf(`volumeMounts: [{name: v, mountPath: /v, ${mount}}]`, `volumes: [{name: v, ${volume}}]`)
}

const EPHEMERAL = "/run/kata-containers/sandbox/ephemeral/v"

describe("a volume mount", () => {
  test.each([
    ["", "emptyDir: {medium: Memory}", { source: EPHEMERAL, options: ["rbind", "rprivate", "rw"] }],
    ["readOnly: true", "emptyDir: {medium: Memory}", { source: EPHEMERAL, options: ["rbind", "rprivate", "ro"] }],
    [
      "mountPropagation: HostToContainer",
      "emptyDir: {medium: Memory}",
      { source: EPHEMERAL, options: ["rbind", "rslave", "rw"] },
    ],
    [
      "mountPropagation: Bidirectional",
      "emptyDir: {medium: Memory}",
      { source: EPHEMERAL, options: ["rbind", "rshared", "rw"] },
    ],
    ["", "emptyDir: {}", { source: { storage: "block" }, options: ["rbind", "rprivate", "rw"] }],
    ["", "emptyDir: ", { source: { storage: "block" }, options: ["rbind", "rprivate", "rw"] }],
    [
      "",
      "emptyDir: , persistentVolumeClaim: {claimName: c}",
      { source: { shared: "v" }, options: ["rbind", "rprivate", "rw"] },
    ],
    [
      "readOnly: true, mountPropagation: HostToContainer",
      "configMap: {name: c}",
      { source: { shared: "v" }, options: ["rbind", "rslave", "ro"] },
    ],
    [
      "mountPropagation: Bidirectional",
      "persistentVolumeClaim: {claimName: c}",
      { source: { shared: "v" }, options: ["rbind", "rshared", "rw"] },
    ],
    ["readOnly: true", "configMap: {name: c}", { source: { shared: "v" }, options: ["rbind", "rprivate", "ro"] }],
    ["", "persistentVolumeClaim: {claimName: c}", { source: { shared: "v" }, options: ["rbind", "rprivate", "rw"] }],
    [
      "",
      "persistentVolumeClaim: {claimName: c, readOnly: true}",
      { source: { shared: "v" }, options: ["rbind", "rprivate", "ro"] },
    ],
    [
      "readOnly: true",
      "persistentVolumeClaim: {claimName: c, readOnly: false}",
      { source: { shared: "v" }, options: ["rbind", "rprivate", "ro"] },
    ],
    ["", "ephemeral: {volumeClaimTemplate: {}}", { source: { shared: "v" }, options: ["rbind", "rprivate", "rw"] }],
    ["", "hostPath: {path: /data}", { source: { shared: "v" }, options: ["rbind", "rprivate", "rw"] }],
    ["", "hostPath: {path: /sys/fs/x}", { source: "/sys/fs/x", options: ["rbind", "rprivate", "rw"] }],
  ])("with %j of %s", (mount, volume, alternative) => {
    expect(mountOf(volumeMount(mount, volume), "/v")).toEqual({
      ...{ destination: "/v", required: true, any: [{ type: "bind", ...alternative }] },
    })
  })

  test("of files may be writable if it need not be read-only", () => {
    expect(mountOf(volumeMount("", "secret: {secretName: s}"), "/v")).toMatchObject({
      any: [{ options: ["rbind", "rprivate", "ro"] }, { options: ["rbind", "rprivate", "rw"] }],
    })
  })

  test("replaces what the runtime would mount there", () => {
    const container = containerOf(
      "volumeMounts: [{name: v, mountPath: /dev/shm}]",
      "volumes: [{name: v, emptyDir: {medium: Memory}}]",
    )

    expect(mountOf(container, "/dev/shm")).toMatchObject({ any: [{ source: EPHEMERAL }] })
  })

  test("escapes the name of a shared file", () => {
    const container = containerOf(
      "volumeMounts: [{name: v, mountPath: /etc/a.b}]",
      "volumes: [{name: v, configMap: {name: c}}]",
    )

    expect(mountOf(container, "/etc/a.b")).toMatchObject({ any: [{ source: { shared: "a\\.b" } }, {}] })
  })

  test("has one storage for each time that a volume is mounted", () => {
    const container = containerOf(
      "volumeMounts: [{name: m, mountPath: /a}, {name: m, mountPath: /b}, {name: d, mountPath: /c}, {name: e, mountPath: /d}]",
      "securityContext: {fsGroup: 7, fsGroupChangePolicy: OnRootMismatch}\nvolumes: [{name: m, emptyDir: {medium: Memory}}, {name: d, emptyDir: {}}, {name: e, emptyDir: {}}]",
    )

    expect(container.storages).toMatchObject([
      { class: "ephemeral", count: 2, options: ["fsgid=7"], mount_point: "/run/kata-containers/sandbox/ephemeral/m" },
      { class: "block", count: 2, fs_group: { group_id: 7, group_change_policy: 1 } },
    ])
  })
})

test.each([
  ["{}", [], null],
  ["{fsGroup: 0}", [], null],
  ["{fsGroup: 1}", ["fsgid=1"], { group_id: 1, group_change_policy: 0 }],
])("emptyDirs of a pod with %s belong to its group", (security, options, group) => {
  const container = containerOf(
    "volumeMounts: [{name: m, mountPath: /a}, {name: d, mountPath: /b}]",
    `securityContext: ${security}\nvolumes: [{name: m, emptyDir: {medium: Memory}}, {name: d, emptyDir: {}}]`,
  )

  expect(container.storages).toMatchObject([{ options }, { options: [], fs_group: group }])
})

describe("assertBelowRoot", () => {
  test.each(["/", "//", ""])("does not let a mount at %j pass", (destination) => {
    expect(() => {
      assertBelowRoot([{ destination, required: false, any: [] }])
    }).toThrow(RangeError)
  })
})

describe("the root of a container", () => {
  test.each([
    ["", [""]],
    ["rslave", ["", "HostToContainer"]],
    ["rshared", ["Bidirectional", ""]],
    ["rshared", ["HostToContainer", "Bidirectional"]],
    ["rshared", ["Bidirectional", "HostToContainer"]],
  ])("has the propagation %j with volumes of %j", (propagation, volumes) => {
    const mounts = volumes.map((word, index) => `{name: v, mountPath: /${index}, mountPropagation: ${word}}`)

    expect(containerOf(`volumeMounts: [${mounts.join(", ")}]`, "volumes: [{name: v, secret: {}}]")).toMatchObject({
      root_propagation: propagation,
    })
  })
})

describe("a container", () => {
  test("gets a token only if the pod spec allows it", () => {
    const token = "/var/run/secrets/kubernetes.io/serviceaccount"

    expect(mountOf(containerOf(""), token)).toMatchObject({ required: false })
    expect(mountOf(containerOf("", "automountServiceAccountToken: false"), token)).toBeUndefined()
  })

  test("with a read-only root gets read-only files", () => {
    const container = containerOf("securityContext: {readOnlyRootFilesystem: true}\nterminationMessagePath: /tmp/end")

    expect(container.root_readonly).toBe(true)
    expect(mountOf(container, "/etc/hostname")).toMatchObject({ any: [{ options: ["rbind", "rprivate", "ro"] }] })
    expect(mountOf(container, "/tmp/end")).toMatchObject({ any: [{ options: ["rbind", "rprivate", "rw"] }] })
    expect(container.annotations).toEqual({
      ...{ note: "hello", "io.kubernetes.container.terminationMessagePath": "/tmp/end" },
    })
  })

  test("that is privileged sees all of the kernel, and so does the sandbox of sysfs", () => {
    const [sandbox, container] = policyOf(podYaml("securityContext: {privileged: true}")).containers

    expect(container).toMatchObject({ privileged: true, masked: [], readonly: [] })
    expect(mountOf(container, "/sys/fs/cgroup")).toMatchObject({ any: [{ options: expect.arrayContaining(["rw"]) }] })
    expect(mountOf(sandbox, "/sys")).toMatchObject({ any: [{}, {}] })
    expect(sandbox?.masked).not.toEqual([])
  })

  test("gets the block devices that it names", () => {
    const container = containerOf(
      "volumeDevices: [{name: v, devicePath: /dev/b}, {name: w, devicePath: /dev/a}]",
      "volumes: [{name: v, csi: {driver: x}}, {name: w, persistentVolumeClaim: {claimName: c}}]",
    )

    expect(container.devices).toEqual(["/dev/a", "/dev/b"])
  })

  test("is refused for a volume of the image that nothing covers", () => {
    const imageFacts = (): typeof FACTS => ({ ...FACTS, volumes: ["/data/", "/v"] })
    const pod = "volumes: [{name: v, emptyDir: {}}]"

    expect(messageOf(() => containerOf("volumeMounts: [{name: v, mountPath: /v}]", pod, { imageFacts }))).toBe(
      "a.yaml: Pod/web: spec.containers[0].volumeMounts: the image has a volume at /data/: mount an emptyDir there",
    )
  })

  test("shares processes where the pod says so", () => {
    const document = policyOf(podYaml("", "shareProcessNamespace: true"))

    expect(document.sandbox.pidns).toBe(true)
    expect(document.containers.map(({ pidns }) => pidns)).toEqual([false, true])
  })

  test("shares its network with the guest where the pod says so", () => {
    const document = policyOf(podYaml("", "hostNetwork: true"))

    expect(document.sandbox.host_network).toBe(true)
    expect(document.containers.map(({ namespaces }) => namespaces.includes("uts"))).toEqual([false, true])
  })

  test("finds the sysctls of the pod in the sandbox", () => {
    const pod = "securityContext: {sysctls: [{name: net/ipv4/ip_unprivileged_port_start, value: '80'}]}"
    const [sandbox, container] = policyOf(podYaml("", pod)).containers

    expect(sandbox?.sysctls).toEqual({
      allowed: { "net.ipv4.ping_group_range": "0 2147483647" },
      required: { "net.ipv4.ip_unprivileged_port_start": "80" },
    })
    expect(container?.sysctls).toEqual({ allowed: {}, required: {} })
  })
})
