import { APP_DIGEST, APP_ID, INIT_ID, START, app, basePolicy, startBefore } from "./base.ts"
import { type Change, add, addMount, annotate, change, cut, repeat, rewrite, set, setMetadata } from "./changes.ts"
import { type Request, createContainer, sharedFile } from "./requests.ts"

/** Requests of which all but the last are allowed, and the condition that refuses the last one. */
export interface Refusal {
  readonly name: string
  readonly condition: string
  readonly requests: readonly Request[]
  readonly policy?: string
}

type Row = readonly [name: string, condition: string, ...changes: readonly Change[]]

const FOREIGN_DIGEST = `sha256:${"c".repeat(64)}`
const ROOT_OF_INIT = `/run/kata-containers/${INIT_ID}/rootfs`
const PROCESS = "/OCI/Process"
const LINUX = "/OCI/Linux"

const IMAGE_ROWS: readonly Row[] = [
  ["A01 another digest pulled", "C32", set("/storages/0/source", `registry.example/app@${FOREIGN_DIGEST}`)],
  [
    "A01 another digest named",
    "C32",
    annotate("io.kubernetes.cri.image-name", `registry.example/app@${FOREIGN_DIGEST}`),
  ],
  ["A02 no digest", "C32", set("/storages/0/source", "registry.example/app:1.2")],
  ["A03 pull storage missing", "C30", cut("/storages/0")],
  ["A04 second pull storage", "C30", repeat("/storages/0")],
  ["A05 two @ in the source", "C32", set("/storages/0/source", `registry.example/app@${APP_DIGEST}@${FOREIGN_DIGEST}`)],
  ["A06 metadata says sandbox", "C32", setMetadata({ "io.kubernetes.cri.container-type": "sandbox" })],
  ["A07 metadata says sandbox for cri-o", "C32", setMetadata({ "io.kubernetes.cri-o.ContainerType": "sandbox" })],
  ["A10 pull storage mounted elsewhere", "C31", set("/storages/0/mount_point", ROOT_OF_INIT)],
  ["A11 second driver option", "C31", repeat("/storages/0/driver_options/0")],
  [
    "A11 another key beside the metadata",
    "C31",
    set("/storages/0/driver_options/0", 'image_guest_pull={"metadata":{},"x":1}'),
  ],
  ["A11 option that is no JSON", "C31", set("/storages/0/driver_options/0", "image_guest_pull={")],
]

const IDENTITY_ROWS: readonly Row[] = [
  ["A12 root of another container", "C05", set("/OCI/Root/Path", ROOT_OF_INIT)],
  [
    "A12 all paths of another container",
    "C05",
    () => createContainer(app(INIT_ID)).request,
    set("/container_id", APP_ID),
    set("/exec_id", APP_ID),
  ],
  ["A13 exec_id of another container", "C04", set("/exec_id", INIT_ID)],
  ["A14 id of a live container", "C04", set("/container_id", INIT_ID)],
  ["A16 name that is not in the policy", "C10", annotate("io.kubernetes.cri.container-name", "evil")],
  ["A18 pod_sandbox", "C10", annotate("io.katacontainers.pkg.oci.container_type", "pod_sandbox")],
  ["A67 sandbox name of another pod", "C13", annotate("io.kubernetes.cri.sandbox-name", "evil")],
  ["A68 another namespace", "C07", annotate("io.kubernetes.cri.sandbox-namespace", "evil")],
  ["A68 another sandbox", "C07", annotate("io.kubernetes.cri.sandbox-id", APP_ID)],
  ["A69 cri-o annotation", "C14", annotate("io.kubernetes.cri-o.ContainerType", "sandbox")],
  ["A70 pod annotation with another value", "C14", annotate("note", "other")],
  ["A71 device annotation", "C14", annotate("cdi.k8s.io/vfio0", "nvidia.com/gpu=0")],
]

const PROCESS_ROWS: readonly Row[] = [
  ["A17 another container's arguments", "C16", set(`${PROCESS}/Args`, ["/bin/init", "--now"])],
  ["A19 argument added", "C16", add(`${PROCESS}/Args/-`, "--evil")],
  ["A19 argument removed", "C16", cut(`${PROCESS}/Args/3`)],
  ["A19 arguments swapped", "C16", set(`${PROCESS}/Args`, ["/app", "serve", "fast", "10.0.0.7:80"])],
  ["A20 working directory", "C17", set(`${PROCESS}/Cwd`, "/tmp")],
  ["A21 terminal", "C17", set(`${PROCESS}/Terminal`, true)],
  ["A22 NoNewPrivileges flipped", "C17", set(`${PROCESS}/NoNewPrivileges`, false)],
  ["A23 user 0", "C18", set(`${PROCESS}/User/UID`, 0)],
  ["A24 additional group 0", "C18", add(`${PROCESS}/User/AdditionalGids/-`, 0)],
  ["A25 capability in one set", "C19", add(`${PROCESS}/Capabilities/Effective/-`, "CAP_SYS_ADMIN")],
  ["A26 ambient capability", "C19", add(`${PROCESS}/Capabilities/Ambient/-`, "CAP_CHOWN")],
  ["A27 fixed variable missing", "C20", cut(`${PROCESS}/Env/2`)],
  ["A28 fixed variable changed", "C20", set(`${PROCESS}/Env/2`, "MODE=slow")],
  ["A29 LD_PRELOAD", "C20", add(`${PROCESS}/Env/-`, "LD_PRELOAD=/tmp/x.so")],
  ["A30 image's variable in a service's form", "C20", set(`${PROCESS}/Env/1`, "FOO_SERVICE_HOST=6.6.6.6")],
  ["A31 variable named twice", "C20", add(`${PROCESS}/Env/-`, "MODE=slow")],
  ["A32 host name with a line break", "C20", set(`${PROCESS}/Env/5`, "HOSTNAME=web\nx")],
  ["A32 host name with a slash", "C20", set(`${PROCESS}/Env/5`, "HOSTNAME=a/b")],
  ["A32 entry without a name", "C20", add(`${PROCESS}/Env/-`, "=x")],
  ["A32 pod name that is not the sandbox's", "C20", set(`${PROCESS}/Env/4`, "MY_NAME=other")],
  ["A73 rlimit", "C21", add(`${PROCESS}/Rlimits/-`, { Type: "RLIMIT_NOFILE", Hard: 1, Soft: 1 })],
  ["A73 profile", "C21", set(`${PROCESS}/ApparmorProfile`, "unconfined")],
  ["A58 string_user", "C01", set("/string_user", { uid: "root", gid: "", additionalGids: [] })],
]

const KERNEL_ROWS: readonly Row[] = [
  ["A22 writable root", "C22", set("/OCI/Root/Readonly", false)],
  ["A22 root that shares its mounts", "C22", set(`${LINUX}/RootfsPropagation`, "rshared")],
  ["A33 masked path removed", "C23", cut(`${LINUX}/MaskedPaths/0`)],
  ["A34 file of the image masked", "C23", add(`${LINUX}/MaskedPaths/-`, "/app/policy.json")],
  ["A34 file of the image masked by a detour", "C23", add(`${LINUX}/MaskedPaths/-`, "/proc/../app/policy.json")],
  ["A35 read-only path removed", "C23", cut(`${LINUX}/ReadonlyPaths/4`)],
  ["A54 undeclared device", "C25", add(`${LINUX}/Devices/-`, device("/dev/evil", "b"))],
  ["A54 undeclared device of the agent", "C25", add("/devices/-", agentDevice("/dev/evil"))],
  ["A57 hook", "C01", set("/OCI/Hooks", { Prestart: [], StartContainer: [{ Path: "/bin/sh" }] })],
  ["A59 seccomp", "C01", set(`${LINUX}/Seccomp`, { DefaultAction: "SCMP_ACT_ALLOW" })],
  ["A60 device access for all", "C02", set(`${LINUX}/Resources/Devices`, [{ Allow: true, Access: "rwm" }])],
  ["A60 processors of choice", "C02", set(`${LINUX}/Resources/CPU/Cpus`, "0-1")],
  ["A61 port for input", "C03", set("/stdin_port", 1024)],
  ["A62 port for output", "C03", set("/stdout_port", 1024)],
  ["A63 pid namespace", "C08", add(`${LINUX}/Namespaces/-`, { Type: "pid", Path: "" })],
  ["A64 ipc namespace with a path", "C08", set(`${LINUX}/Namespaces/0/Path`, "/proc/1/ns/ipc")],
  ["A65 network namespace of its own", "C08", add(`${LINUX}/Namespaces/-`, { Type: "network", Path: "/run/netns/x" })],
  ["A66 sandbox_pidns", "C15", set("/sandbox_pidns", true)],
  ["A72 sysctl", "C24", set(`${LINUX}/Sysctl`, { "kernel.core_pattern": "|/bin/x" })],
  ["A74 OCI version", "C06", set("/OCI/Version", "9.9.9")],
  ["A74 parent in the path of the cgroup", "C06", set(`${LINUX}/CgroupsPath`, "/a/../b")],
]

const FILE_ROWS: readonly Row[] = [
  ["A36 undeclared bind mount", "C26", addMount("/extra", sharedFile(APP_ID, "extra"))],
  ["A37 bind of /run", "C26", addMount("/host", "/run")],
  ["A37 bind of /proc/1/root", "C26", set("/OCI/Mounts/15/source", "/proc/1/root")],
  ["A38 file of another container", "C27", set("/OCI/Mounts/7/source", sharedFile(INIT_ID, "resolv.conf"))],
  ["A39 file by a detour", "C27", set("/OCI/Mounts/7/source", `${sharedFile(APP_ID, "x")}/../y-resolv.conf`)],
  ["A40 root of another container as source", "C26", set("/OCI/Mounts/7/source", ROOT_OF_INIT)],
  ["A41 read-only mount made writable", "C26", set("/OCI/Mounts/13/options", ["rbind", "rprivate", "rw"])],
  ["A42 private mount made shared", "C26", set("/OCI/Mounts/12/options", ["rbind", "rshared", "rw"])],
  ["A43 declared mount missing", "C26", cut("/OCI/Mounts/12")],
  ["A43 mount of the kernel missing", "C26", cut("/OCI/Mounts/0")],
  ["A44 destination mounted twice", "C26", repeat("/OCI/Mounts/9")],
  ["A45 /dev/shm from elsewhere", "C26", set("/OCI/Mounts/5/source", "/run/kata-containers/sandbox/ephemeral/memory")],
  ["A46 additional storage in memory", "C30", repeat("/storages/1")],
  ["A46 additional disk", "C30", repeat("/storages/3")],
  ["A47 storage missing", "C30", cut("/storages/1")],
  ["A48 disk without encryption", "C35", set("/storages/3/driver_options", ["create_filesystem"])],
  [
    "A49 disk mounted at a point of its own",
    "C35",
    set("/storages/3/mount_point", "/run/kata-containers/sandbox/storage/x"),
  ],
  ["A49 mount of another disk", "C35", set("/OCI/Mounts/14/source", "/run/kata-containers/sandbox/storage/MDIvMDQ=")],
  ["A50 disk with xfs", "C35", set("/storages/3/fstype", "xfs")],
  ["A51 disk by virtio-fs", "C30", set("/storages/3/driver", "virtio-fs")],
  [
    "A52 memory of another volume",
    "C34",
    set("/storages/1/mount_point", "/run/kata-containers/sandbox/ephemeral/other"),
  ],
  ["A53 group of the volume dropped", "C34", set("/storages/1/options", [])],
  ["A53 group of the volume changed", "C34", set("/storages/1/options", ["fsgid=0"])],
  [
    "A56 shared mount",
    "C01",
    add("/shared_mounts/-", { name: "x", src_ctr: INIT_ID, src_path: "/", dst_ctr: "", dst_path: "/" }),
  ],
]

/** Changes of the container `app`, one each. */
const APP_REFUSALS: readonly Refusal[] = [IMAGE_ROWS, IDENTITY_ROWS, PROCESS_ROWS, KERNEL_ROWS, FILE_ROWS]
  .flat()
  .map(([name, condition, ...changes]) => ({
    ...{ name, condition },
    requests: [...startBefore("app"), change(START.app, ...changes)],
  }))

const SANDBOX_REFUSALS: readonly Refusal[] = (
  [
    ["A08 metadata says container", "C33", setMetadata({ "io.kubernetes.cri.container-type": "container" })],
    ["A09 image called pause from a registry", "C33", set("/storages/0/source", "evil/pause")],
    ["A22 root of the sandbox that takes mounts in", "C22", set(`${LINUX}/RootfsPropagation`, "rslave")],
    ["A33 masked path of the sandbox removed", "C23", cut(`${LINUX}/MaskedPaths/0`)],
    ["A18 id that is not the sandbox's", "C12", annotate("io.kubernetes.cri.sandbox-log-directory", "/etc")],
    ["A72 sysctl with another value", "C24", set(`${LINUX}/Sysctl/net.ipv4.ping_group_range`, "0 0")],
    ["A29 service variable for the sandbox", "C20", add(`${PROCESS}/Env/-`, "KUBERNETES_SERVICE_HOST=10.0.0.1")],
  ] as const satisfies readonly Row[]
).map(([name, condition, ...changes]) => ({
  ...{ name, condition },
  requests: [...startBefore("sandbox"), change(START.sandbox, ...changes)],
}))

const DEVICE_POLICY = basePolicy([
  ["    livenessProbe:", "    volumeDevices: [{name: data, devicePath: /dev/csi0}]\n    livenessProbe:"],
  ["  volumes:\n", "  volumes:\n  - {name: data, persistentVolumeClaim: {claimName: data}}\n"],
])

const SYSCTL_POLICY = basePolicy([
  ["fsGroup: 2000", "fsGroup: 2000\n    sysctls: [{name: net.core.somaxconn, value: '1024'}]"],
])

const NAMES = {
  '-name":"web"': '-name":"web-bcdfg"',
  default_web_: "default_web-bcdfg_",
  "MY_NAME=web": "MY_NAME=web-bcdfg",
}

/** Refusals that need another policy or other requests before them. */
const CONTEXT_REFUSALS: readonly Refusal[] = [
  {
    ...{ name: "A15 second instance under a new id", condition: "C11" },
    requests: [...startBefore("probe"), createContainer(app("3d".repeat(32)))],
  },
  {
    ...{ name: "A55 character device under a declared path", condition: "C25", policy: DEVICE_POLICY },
    requests: [
      ...startBefore("app"),
      change(
        START.app,
        add(`${LINUX}/Devices/-`, device("/dev/csi0", "c")),
        add("/devices/-", agentDevice("/dev/csi0")),
      ),
    ],
  },
  {
    ...{ name: "A55 declared device missing", condition: "C25", policy: DEVICE_POLICY },
    requests: [...startBefore("app"), START.app],
  },
  {
    ...{ name: "A62 port for output although logs are off", condition: "C03" },
    policy: basePolicy([], { logs: false, fd_passing: true }),
    requests: [...startBefore("app"), change(START.app, set("/stdout_port", 1024))],
  },
  {
    ...{ name: "A65 second network namespace later in the pod", condition: "C08" },
    requests: [
      ...startBefore("sandbox"),
      change(START.sandbox, add(`${LINUX}/Namespaces/-`, { Type: "network", Path: "/run/netns/podns" })),
      change(START.init, add(`${LINUX}/Namespaces/-`, { Type: "network", Path: "/run/netns/other" })),
    ],
  },
  {
    ...{ name: "A67 name that is not the pinned one", condition: "C07" },
    policy: basePolicy([["  name: web\n", "  generateName: web-\n"]]),
    requests: [
      ...startBefore("init").map((request) => rewrite(request, NAMES)),
      rewrite(START.init, { '-name":"web"': '-name":"web-bcdfh"' }),
    ],
  },
  {
    ...{ name: "A72 required sysctl missing", condition: "C24", policy: SYSCTL_POLICY },
    requests: [...startBefore("sandbox"), START.sandbox],
  },
]

export const CONTAINER_REFUSALS: readonly Refusal[] = [...APP_REFUSALS, ...SANDBOX_REFUSALS, ...CONTEXT_REFUSALS]

/** A device node of the OCI specification. */
export function device(path: string, type: string): { readonly [key: string]: string | number } {
  return { Path: path, Type: type, Major: 8, Minor: 0, FileMode: 0o660, UID: 0, GID: 0 }
}

/** A device that the agent puts into a container. */
export function agentDevice(path: string): { readonly [key: string]: string | readonly string[] } {
  return { id: "02", type_: "blk", vm_path: "", container_path: path, options: [] }
}
