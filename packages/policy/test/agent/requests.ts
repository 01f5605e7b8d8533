import type { Json } from "./json.ts"

/** A request that the runtime sends to the agent. */
export interface Request {
  readonly kind: string
  readonly request: Json
}

/** A mount as the runtime sends it. */
export interface Mount {
  readonly destination: string
  readonly type: string
  readonly source: string
  readonly options: string
}

/** What differs between the containers of a pod. Everything else is the same in all of them. */
export interface ContainerRequest {
  readonly id: string
  readonly type: "sandbox" | "container"
  readonly name?: string
  /** What the guest is to pull. */
  readonly image: string
  readonly args: readonly string[]
  readonly env: readonly string[]
  readonly uid: number
  readonly groups: readonly number[]
  readonly readOnlyRoot: boolean
  readonly noNewPrivileges: boolean
  readonly mounts: readonly Mount[]
  readonly storages: readonly Json[]
  readonly annotations: Readonly<Record<string, string>>
  readonly namespace?: string
}

export const SANDBOX_ID = "5a".repeat(32)
export const POD_NAME = "web"

const CAPABILITIES = [
  ...["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_RAW", "CAP_SETGID"],
  ...["CAP_SETUID", "CAP_SETFCAP", "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL"],
  "CAP_AUDIT_WRITE",
]

const MASKED = [
  ...["/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats"],
  ...["/proc/sched_debug", "/proc/scsi", "/sys/firmware"],
]

const READONLY = ["/proc/asound", "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]

/** CreateContainer in full shape. */
export function createContainer(container: ContainerRequest): Request {
  const annotations = containerAnnotations(container)
  const rootPath = `/run/kata-containers/${container.id}/rootfs`
  const pull = {
    driver: "image_guest_pull",
    driver_options: [`image_guest_pull=${JSON.stringify({ metadata: annotations })}`],
    ...{
      source: container.image,
      fstype: "overlay",
      options: [],
      mount_point: rootPath,
      fs_group: null,
      shared: false,
    },
  }
  const request: Json = {
    ...{ container_id: container.id, exec_id: container.id, string_user: null, devices: [] },
    storages: [pull, ...container.storages],
    OCI: {
      Version: "1.1.0",
      Process: process(container),
      Root: { Path: rootPath, Readonly: container.readOnlyRoot },
      Hostname: POD_NAME,
      Mounts: container.mounts.map(mount),
      Hooks: null,
      Annotations: annotations,
      Linux: linux(container),
      ...{ Solaris: null, Windows: null },
    },
    ...{ sandbox_pidns: false, shared_mounts: [], stdin_port: 0, stdout_port: 0, stderr_port: 0 },
  }
  return { kind: "CreateContainerRequest", request }
}

function containerAnnotations(container: ContainerRequest): Record<string, string> {
  const namespace = container.namespace ?? "default"
  const own: Record<string, string> =
    container.type === "sandbox"
      ? { "io.kubernetes.cri.sandbox-log-directory": `/var/log/pods/${namespace}_${POD_NAME}_${POD_UID}` }
      : {
          "io.kubernetes.cri.container-name": container.name ?? "",
          "io.kubernetes.cri.image-name": container.image,
        }
  return {
    "io.katacontainers.pkg.oci.bundle_path": `/run/containerd/io.containerd.runtime.v2.task/k8s.io/${container.id}`,
    "io.katacontainers.pkg.oci.container_type": container.type === "sandbox" ? "pod_sandbox" : "pod_container",
    "io.kubernetes.cri.container-type": container.type,
    "io.kubernetes.cri.sandbox-id": SANDBOX_ID,
    "io.kubernetes.cri.sandbox-name": POD_NAME,
    "io.kubernetes.cri.sandbox-namespace": namespace,
    "io.kubernetes.cri.sandbox-uid": POD_UID,
    ...own,
    ...container.annotations,
  }
}

const POD_UID = "01234567-89ab-cdef-0123-456789abcdef"

function process({ args, env, uid, groups, noNewPrivileges }: ContainerRequest): Json {
  return {
    Terminal: false,
    ConsoleSize: null,
    User: { UID: uid, GID: uid, AdditionalGids: groups, Username: "" },
    Args: args,
    Env: env,
    Cwd: "/",
    Capabilities: {
      ...{ Bounding: CAPABILITIES, Effective: CAPABILITIES, Permitted: CAPABILITIES, Inheritable: [], Ambient: [] },
    },
    ...{ Rlimits: [], NoNewPrivileges: noNewPrivileges, ApparmorProfile: "", OOMScoreAdj: -997, SelinuxLabel: "" },
  }
}

function linux({ type, mounts }: ContainerRequest): Json {
  const sysctls: Json =
    type === "sandbox"
      ? { "net.ipv4.ip_unprivileged_port_start": "0", "net.ipv4.ping_group_range": "0 2147483647" }
      : {}
  return {
    ...{ UIDMappings: [], GIDMappings: [], Sysctl: sysctls },
    Resources: {
      Devices: [],
      Memory: {
        ...{ Limit: 67108864, Reservation: 0, Swap: 67108864, Kernel: 0, KernelTCP: 0, Swappiness: 0 },
        DisableOOMKiller: false,
      },
      CPU: { Shares: 2, Quota: 0, Period: 100000, RealtimeRuntime: 0, RealtimePeriod: 0, Cpus: "", Mems: "" },
      ...{ Pids: null, BlockIO: null, HugepageLimits: [], Network: null },
    },
    CgroupsPath: "/kubepods/besteffort/pod0123/abc",
    Namespaces: ["ipc", "uts", "mount"].map((name) => ({ Type: name, Path: "" })),
    ...{
      Devices: [],
      Seccomp: null,
      RootfsPropagation: rootPropagation(mounts),
      MaskedPaths: MASKED,
      ReadonlyPaths: READONLY,
    },
    ...{ MountLabel: "", IntelRdt: null },
  }
}

/** One mount that is shared makes the root shared, else one that is a slave makes it a slave. */
function rootPropagation(mounts: readonly Mount[]): Json {
  const options = mounts.flatMap((mount) => mount.options.split(" "))
  return ["rshared", "rslave"].find((option) => options.includes(option)) ?? ""
}

function mount({ destination, type, source, options }: Mount): Json {
  return { destination, source, type_: type, options: options.split(" ") }
}

/** Where the host shares a file for a container. */
export function sharedFile(id: string, name: string): string {
  return `/run/kata-containers/shared/containers/${id}-0123456789abcdef-${name}`
}

/** ExecProcess in full shape, with the variables given and the user of the base pod. */
export function execProcess(id: string, args: readonly string[], env: readonly string[]): Request {
  return {
    kind: "ExecProcessRequest",
    request: {
      ...{ container_id: id, exec_id: "probe-1", string_user: null, stdin_port: 0, stdout_port: 0, stderr_port: 0 },
      process: {
        ...{ Terminal: false, ConsoleSize: null, Args: args, Env: env, Cwd: "/", Capabilities: null, Rlimits: [] },
        User: { UID: 1000, GID: 1000, AdditionalGids: [1000, 2000], Username: "" },
        ...{ NoNewPrivileges: true, ApparmorProfile: "", OOMScoreAdj: 0, SelinuxLabel: "" },
      },
    },
  }
}

/** CopyFile of a regular file. */
export function copyFile(path: string): Request {
  return {
    kind: "CopyFileRequest",
    request: {
      ...{ path, file_type: "Regular", symlink_target: null, file_size: 10, file_mode: 0o100644, dir_mode: 0o755 },
      ...{ uid: 0, gid: 0, offset: 0 },
    },
  }
}

export const CREATE_SANDBOX: Request = {
  kind: "CreateSandboxRequest",
  request: {
    hostname: POD_NAME,
    dns: ["nameserver 10.0.0.10"],
    storages: [
      {
        ...{ driver: "ephemeral", driver_options: [], source: "shm", fstype: "tmpfs" },
        options: ["noexec", "nosuid", "nodev", "mode=1777", "size=67108864"],
        ...{ mount_point: "/run/kata-containers/sandbox/shm", fs_group: null, shared: false },
      },
    ],
    ...{ sandbox_pidns: false, sandbox_id: SANDBOX_ID, guest_hook_path: "", kernel_modules: [] },
  },
}

export const UPDATE_INTERFACE: Request = {
  kind: "UpdateInterfaceRequest",
  request: {
    interface: {
      ...{ device: "eth0", name: "eth0", mtu: 1500, hwAddr: "02:00:00:00:00:01", devicePath: "02/00", type_: "" },
      IPAddresses: [
        { family: 0, address: "10.0.0.7", mask: "24" },
        { family: 1, address: "fd00::7", mask: "64" },
      ],
      raw_flags: 0,
    },
  },
}

export const UPDATE_ROUTES: Request = {
  kind: "UpdateRoutesRequest",
  request: {
    routes: {
      Routes: [
        route({ dest: "", gateway: "10.0.0.1" }),
        route({ dest: "10.0.0.0/24", source: "10.0.0.7" }),
        route({ dest: "fd00::/64", family: 1 }),
      ],
    },
  },
}

function route(fields: Readonly<Record<string, Json>>): Json {
  return { dest: "", gateway: "", device: "eth0", source: "", scope: 0, family: 0, flags: 0, mtu: 0, ...fields }
}

export const ADD_NEIGHBORS: Request = {
  kind: "AddARPNeighborsRequest",
  request: {
    neighbors: {
      ARPNeighbors: [
        {
          ...{ toIPAddress: { family: 0, address: "10.0.0.1", mask: "" }, device: "eth0" },
          ...{ lladdr: "02:00:00:00:00:02", state: 128, flags: 0 },
        },
      ],
    },
  },
}
