import { APP_DIGEST, APP_ID, START, app, basePolicy, startBefore } from "./base.ts"
import { type Change, add, annotate, change, cut, rewrite, set } from "./changes.ts"
import { remove } from "./refused-endpoints.ts"
import { type Request, copyFile, createContainer, sharedFile } from "./requests.ts"

/** Requests that must all be allowed, but for those at the places that are named. */
export interface Permission {
  readonly name: string
  readonly requests: readonly Request[]
  readonly refused?: readonly number[]
  readonly policy?: string
}

type Row = readonly [name: string, ...changes: readonly Change[]]

const PROCESS = "/OCI/Process"
const LINUX = "/OCI/Linux"

const ROWS: readonly Row[] = [
  ["V02 no service variables", ...Array.from({ length: 8 }, () => cut(`${PROCESS}/Env/6`))],
  ["V03 variable of a real service", add(`${PROCESS}/Env/-`, "FOO2_SERVICE_PORT=80")],
  ["V04 variables in another order", cut(`${PROCESS}/Env/0`), add(`${PROCESS}/Env/-`, "PATH=/usr/bin:/bin")],
  ["V05 groups in another order and repeated", set(`${PROCESS}/User/AdditionalGids`, [2000, 1000, 2000])],
  ["V06 capabilities without CAP_", set(`${PROCESS}/Capabilities/Bounding`, shortCapabilities())],
  ["V07 additional masked path", add(`${LINUX}/MaskedPaths/-`, "/sys/devices/virtual/powercap")],
  ["V08 /proc/asound masked", cut(`${LINUX}/ReadonlyPaths/0`), add(`${LINUX}/MaskedPaths/-`, "/proc/asound")],
  ["V09 cgroup mount with nsdelegate", add("/OCI/Mounts/6/options/-", "nsdelegate")],
  ["V10 cgroup namespace", add(`${LINUX}/Namespaces/-`, { Type: "cgroup", Path: "" })],
  ["V11 mnt for mount", set(`${LINUX}/Namespaces/2/Type`, "mnt")],
  ["V12 another OCI version", set("/OCI/Version", "1.3.0")],
  ["V13 default profile", set(`${PROCESS}/ApparmorProfile`, "cri-containerd.apparmor.d")],
  ["V14 other limits", set(`${LINUX}/Resources/CPU/Quota`, 5000), set(`${PROCESS}/OOMScoreAdj`, 1000)],
  ["V14 no limits", set(`${LINUX}/Resources/Memory`, null), set(`${LINUX}/Resources/CPU`, null)],
  ["V15 another registry", set("/storages/0/source", `mirror.example/x/app@${APP_DIGEST}`)],
  [
    "V16 passthrough folder",
    set("/OCI/Mounts/9/source", sharedFile(APP_ID, "hosts").replace("s/2c", "s/passthrough/2c")),
  ],
  ["V24 disk by scsi", ...scsiDisk()],
  ["V25 files of kubelet absent", ...Array.from({ length: 5 }, () => cut("/OCI/Mounts/7"))],
  ["V25 file writable as the runtime has it", set("/OCI/Mounts/15/options", ["rbind", "rprivate", "rw"])],
  ["V26 another annotation of the runtime", annotate("io.kubernetes.cri.anything", "x")],
  ["V27 pod annotation passed on", annotate("note", "hello")],
  [
    "V27 path of the termination message",
    annotate("io.kubernetes.container.terminationMessagePath", "/dev/termination-log"),
  ],
  ["V28 variable of another service", add(`${PROCESS}/Env/-`, "BAZ_PORT_80_TCP=tcp://10.0.0.7:80")],
  ["V28 variable of another service by IPv6", add(`${PROCESS}/Env/-`, "BAZ_PORT=udp://[fd00::1]:53")],
]

const ANY_NAMESPACE = basePolicy([["  namespace: default\n", ""]])
const TEAM = { 'namespace":"default"': 'namespace":"team-a"', default_web_: "team-a_web_" }
const TOP = sharedFile(APP_ID, "app")
const NETWORK = add(`${LINUX}/Namespaces/-`, { Type: "network", Path: "/run/netns/podns" })

export const PERMISSIONS: readonly Permission[] = [
  { name: "V01 the base", requests: Object.values(START) },
  ...ROWS.map(([name, ...changes]) => ({
    name,
    requests: [...startBefore("app"), change(START.app, ...changes), START.startApp, START.probe],
  })),
  {
    name: "V17 restart under a new id",
    requests: [...startBefore("probe"), remove(APP_ID), createContainer(app("3d".repeat(32)))],
  },
  {
    name: "V18 refused create, its removal, right create",
    requests: [...startBefore("app"), change(START.app, set(`${PROCESS}/Cwd`, "/tmp")), remove(APP_ID), START.app],
    refused: [startBefore("app").length],
  },
  {
    name: "B09 refused create of the sandbox, right create",
    requests: [
      ...startBefore("sandbox"),
      change(START.sandbox, annotate("io.kubernetes.cri.sandbox-namespace", "evil")),
      ...[START.sandbox, START.init, START.app],
    ],
    refused: [startBefore("sandbox").length],
  },
  {
    name: "V19 the same network namespace in every container",
    requests: [
      ...startBefore("sandbox"),
      ...[START.sandbox, START.init, START.app].map((create) => change(create, NETWORK)),
    ],
  },
  {
    name: "V20 any one namespace",
    policy: ANY_NAMESPACE,
    requests: Object.values(START).map((request) => rewrite(request, TEAM)),
  },
  {
    name: "V21 update of a ConfigMap",
    requests: [
      copyFile(`${TOP}/..2026_01_01_00_00_00.1/key`),
      change(
        copyFile(`${TOP}/..data`),
        set("/file_type", "Symlink"),
        set("/symlink_target", "..2026_01_01_00_00_00.1"),
      ),
      change(copyFile(`${TOP}/..2026_01_01_00_00_00.1`), set("/file_type", "Directory")),
    ],
  },
  {
    name: "V22 sandbox without sysctls",
    requests: [...startBefore("sandbox"), change(START.sandbox, set(`${LINUX}/Sysctl`, {}))],
  },
  {
    name: "V23 probe with the host name and without the fixed variables",
    requests: [...startBefore("probe"), change(START.probe, set("/process/Env", ["HOSTNAME=web"]))],
  },
  {
    name: "V29 probe with the whole environment",
    requests: [...startBefore("probe"), change(START.probe, set("/process/Env", createContainerEnvironment()))],
  },
  {
    name: "emptyDirs of root's group, which the runtime does not name",
    policy: basePolicy([["fsGroup: 2000", "fsGroup: 0"]]),
    requests: [
      change(
        START.app,
        set(`${PROCESS}/User/AdditionalGids`, [1000, 0]),
        ...[set("/storages/1/options", []), set("/storages/2/options", []), set("/storages/3/fs_group", null)],
      ),
    ],
  },
  {
    name: "removal of a container that is not known",
    requests: [remove(APP_ID)],
  },
]

function createContainerEnvironment(): readonly string[] {
  return app(APP_ID).env
}

function shortCapabilities(): readonly string[] {
  return [
    ...["CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "MKNOD", "NET_RAW", "SETGID", "SETUID", "SETFCAP", "SETPCAP"],
    ...["NET_BIND_SERVICE", "SYS_CHROOT", "KILL", "AUDIT_WRITE"],
  ]
}

/** The disk at the SCSI address 0:3, whose base64url form is MDoz. */
function scsiDisk(): readonly Change[] {
  const path = "/run/kata-containers/sandbox/storage/MDoz"
  return [
    ...[set("/storages/3/driver", "scsi"), set("/storages/3/source", "0:3")],
    ...[set("/storages/3/mount_point", path), set("/OCI/Mounts/14/source", path)],
  ]
}
