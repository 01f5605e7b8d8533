import {
  type ImageFacts,
  type Settings,
  DEFAULT_SETTINGS,
  findWorkloads,
  generatePolicy,
  parseKubernetesFile,
} from "../../src/index.ts"
import type { Json } from "./json.ts"
import {
  type ContainerRequest,
  type Mount,
  type Request,
  ADD_NEIGHBORS,
  CREATE_SANDBOX,
  SANDBOX_ID,
  UPDATE_INTERFACE,
  UPDATE_ROUTES,
  copyFile,
  createContainer,
  execProcess,
  sharedFile,
} from "./requests.ts"

export const INIT_ID = "1b".repeat(32)
export const APP_ID = "2c".repeat(32)
export const APP_DIGEST = `sha256:${"a".repeat(64)}`
const INIT_DIGEST = `sha256:${"b".repeat(64)}`
const APP_IMAGE = `registry.example/app@${APP_DIGEST}`
const INIT_IMAGE = `registry.example/init@${INIT_DIGEST}`

/** The pod spec of the base: two containers, an exec probe, emptyDirs in memory and on disk, files, variables. */
export const BASE_YAML = `apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: default
  annotations:
    note: hello
spec:
  runtimeClassName: contrast-cc
  securityContext:
    fsGroup: 2000
  initContainers:
  - name: init
    image: registry.example/init:1.0@${INIT_DIGEST}
    command: [/bin/init, --now]
    securityContext: {runAsUser: 0, runAsGroup: 0}
    lifecycle: {preStop: {exec: {command: [/bin/only-in-init]}}}
  containers:
  - name: app
    image: registry.example/app:1.2@${APP_DIGEST}
    args: [serve, "$(POD_IP):80", "$(MODE)"]
    env:
    - {name: MODE, value: fast}
    - {name: POD_IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
    - {name: MY_NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
    securityContext:
      runAsUser: 1000
      runAsGroup: 1000
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
    livenessProbe: {exec: {command: [/bin/probe, "$(MODE)"]}}
    volumeMounts:
    - {name: memory, mountPath: /mem}
    - {name: other, mountPath: /other, readOnly: true}
    - {name: disk, mountPath: /disk}
    - {name: config, mountPath: /etc/app}
  volumes:
  - {name: memory, emptyDir: {medium: Memory}}
  - {name: other, emptyDir: {medium: Memory}}
  - {name: disk, emptyDir: {}}
  - {name: config, configMap: {name: app}}
`

const APP_FACTS: ImageFacts = {
  user: "",
  env: ["PATH=/usr/bin:/bin", "FOO_SERVICE_HOST=1.2.3.4"],
  entrypoint: ["/app"],
  cmd: ["ignored"],
  workingDir: "",
  volumes: [],
  passwd: "",
  group: "",
}

/** The policy of a pod spec of the base, changed by replacing texts. */
export function basePolicy(
  changes: readonly (readonly [string | RegExp, string])[] = [],
  settings: Partial<Settings> = {},
): string {
  const yaml = changes.reduce((text, [from, to]) => {
    if (text.search(from) < 0) {
      throw new RangeError(`the base has no ${String(from)}`)
    }
    return text.replace(from, to)
  }, BASE_YAML)
  const [workload] = findWorkloads([parseKubernetesFile("base.yaml", yaml)])
  if (workload === undefined) {
    throw new RangeError("the base has no workload")
  }
  const imageFacts = (image: string): ImageFacts | undefined => (image.includes("/app") ? APP_FACTS : undefined)
  return generatePolicy(workload, { imageFacts, settings: { ...DEFAULT_SETTINGS, ...settings } }).rego
}

const KERNEL_MOUNTS: readonly Mount[] = [
  { destination: "/proc", type: "proc", source: "proc", options: "nosuid noexec nodev" },
  { destination: "/dev", type: "tmpfs", source: "tmpfs", options: "nosuid strictatime mode=755 size=65536k" },
  {
    destination: "/dev/pts",
    type: "devpts",
    source: "devpts",
    options: "nosuid noexec newinstance ptmxmode=0666 mode=0620 gid=5",
  },
  { destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: "nosuid noexec nodev" },
  { destination: "/sys", type: "sysfs", source: "sysfs", options: "nosuid noexec nodev ro" },
  { destination: "/dev/shm", type: "bind", source: "/run/kata-containers/sandbox/shm", options: "rbind" },
]

function fileMount(id: string, destination: string, options: string): Mount {
  const name = destination.slice(destination.lastIndexOf("/") + 1)
  return { destination, type: "bind", source: sharedFile(id, name), options }
}

function workloadMounts(id: string, root: "ro" | "rw"): readonly Mount[] {
  return [
    ...KERNEL_MOUNTS,
    { destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: "nosuid noexec nodev relatime ro" },
    fileMount(id, "/etc/resolv.conf", `rbind rprivate ${root}`),
    fileMount(id, "/etc/hostname", `rbind rprivate ${root}`),
    fileMount(id, "/etc/hosts", "rbind rprivate rw"),
    fileMount(id, "/dev/termination-log", "rbind rprivate rw"),
    fileMount(id, "/var/run/secrets/kubernetes.io/serviceaccount", "rbind rprivate ro"),
  ]
}

const STORAGE = "/run/kata-containers/sandbox/storage"

/** The disk at PCI address 02/03. */
const DISK: Json = {
  ...{ driver: "blk", driver_options: ["encryption_key=ephemeral", "create_filesystem"], source: "02/03" },
  ...{ fstype: "ext4", options: [], mount_point: `${STORAGE}/MDIvMDM=` },
  ...{ fs_group: { group_id: 2000, group_change_policy: 0 }, shared: true },
}

const DEFAULT_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

const CLUSTER_VARIABLES = [
  ...["HOSTNAME=web", "KUBERNETES_SERVICE_HOST=10.0.0.1", "KUBERNETES_SERVICE_PORT=443"],
  ...["KUBERNETES_SERVICE_PORT_HTTPS=443", "KUBERNETES_PORT=tcp://10.0.0.1:443"],
  ...["KUBERNETES_PORT_443_TCP=tcp://10.0.0.1:443", "KUBERNETES_PORT_443_TCP_PROTO=tcp"],
  ...["KUBERNETES_PORT_443_TCP_PORT=443", "KUBERNETES_PORT_443_TCP_ADDR=10.0.0.1"],
]

export const SANDBOX: ContainerRequest = {
  ...{ id: SANDBOX_ID, type: "sandbox", image: "pause", args: ["/pause"], env: [DEFAULT_PATH] },
  ...{ uid: 65535, groups: [65535], readOnlyRoot: true, noNewPrivileges: true },
  mounts: [...KERNEL_MOUNTS, fileMount(SANDBOX_ID, "/etc/resolv.conf", "rbind ro nosuid nodev noexec")],
  ...{ storages: [], annotations: {} },
}

export const INIT: ContainerRequest = {
  ...{ id: INIT_ID, type: "container", name: "init", image: INIT_IMAGE, args: ["/bin/init", "--now"] },
  ...{
    env: [DEFAULT_PATH, ...CLUSTER_VARIABLES],
    uid: 0,
    groups: [0, 2000],
    readOnlyRoot: false,
    noNewPrivileges: false,
  },
  ...{ mounts: workloadMounts(INIT_ID, "rw"), storages: [], annotations: {} },
}

export const APP: ContainerRequest = app(APP_ID)

/** The container `app` under another id. */
export function app(id: string): ContainerRequest {
  return {
    ...{ id, type: "container", name: "app", image: APP_IMAGE, args: ["/app", "serve", "10.0.0.7:80", "fast"] },
    env: [
      ...["PATH=/usr/bin:/bin", "FOO_SERVICE_HOST=1.2.3.4", "MODE=fast", "POD_IP=10.0.0.7", "MY_NAME=web"],
      ...CLUSTER_VARIABLES,
    ],
    ...{ uid: 1000, groups: [1000, 2000], readOnlyRoot: true, noNewPrivileges: true },
    mounts: [
      ...workloadMounts(id, "ro"),
      memoryMount("/mem", "memory", "rw"),
      memoryMount("/other", "other", "ro"),
      { destination: "/disk", type: "bind", source: `${STORAGE}/MDIvMDM=`, options: "rbind rprivate rw" },
      fileMount(id, "/etc/app", "rbind rprivate ro"),
    ],
    storages: [memoryStorage("memory"), memoryStorage("other"), DISK],
    annotations: { note: "hello" },
  }
}

function memoryMount(destination: string, volume: string, access: string): Mount {
  const source = `/run/kata-containers/sandbox/ephemeral/${volume}`
  return { destination, type: "bind", source, options: `rbind rprivate ${access}` }
}

function memoryStorage(volume: string): Json {
  return {
    ...{ driver: "ephemeral", driver_options: [], source: "tmpfs", fstype: "tmpfs", options: ["fsgid=2000"] },
    ...{ mount_point: `/run/kata-containers/sandbox/ephemeral/${volume}`, fs_group: null, shared: false },
  }
}

/** A start of the base, in the order of the runtime. */
export const START = {
  interface: UPDATE_INTERFACE,
  routes: UPDATE_ROUTES,
  neighbors: ADD_NEIGHBORS,
  createSandbox: CREATE_SANDBOX,
  copyResolv: copyFile(sharedFile(SANDBOX_ID, "resolv.conf")),
  sandbox: createContainer(SANDBOX),
  startSandbox: { kind: "StartContainerRequest", request: { container_id: SANDBOX_ID } },
  init: createContainer(INIT),
  startInit: { kind: "StartContainerRequest", request: { container_id: INIT_ID } },
  app: createContainer(APP),
  startApp: { kind: "StartContainerRequest", request: { container_id: APP_ID } },
  probe: execProcess(APP_ID, ["/bin/probe", "fast"], ["PATH=/usr/bin:/bin", "MODE=fast"]),
  logs: { kind: "ReadStreamRequest", request: { container_id: APP_ID, exec_id: APP_ID, len: 4096 } },
} as const satisfies Record<string, Request>

/** The name of a request in the start. */
export type StartStep = keyof typeof START

/** The requests of the start that come before one. */
export function startBefore(step: StartStep): readonly Request[] {
  const steps = Object.entries(START)
  return steps
    .slice(
      0,
      steps.findIndex(([name]) => name === step),
    )
    .map(([, request]) => request)
}
