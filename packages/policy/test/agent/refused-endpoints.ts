import { APP_ID, INIT_ID, START, startBefore } from "./base.ts"
import { add, change, cut, repeat, set } from "./changes.ts"
import type { Json } from "./json.ts"
import type { Refusal } from "./refused-containers.ts"
import { type Request, copyFile, execProcess, sharedFile } from "./requests.ts"

type Row = readonly [name: string, condition: string, request: Request]

const SANDBOX_ROWS: readonly Row[] = [
  ["B01 guest hook", "S2", change(START.createSandbox, set("/guest_hook_path", "/hooks"))],
  ["B01 kernel module", "S2", change(START.createSandbox, add("/kernel_modules/-", { name: "x", parameters: [] }))],
  ["B01 shared processes", "S3", change(START.createSandbox, set("/sandbox_pidns", true))],
  ["B01 additional storage", "S4", change(START.createSandbox, repeat("/storages/0"))],
  ["B01 no storage", "S4", change(START.createSandbox, cut("/storages/0"))],
  ["B01 id that is none", "S5", change(START.createSandbox, set("/sandbox_id", "x"))],
  ["B01 host name with a line break", "S6", change(START.createSandbox, set("/hostname", "a\nb"))],
]

const EXEC_ROWS: readonly Row[] = [
  ["B02 shell", "X2", execProcess(APP_ID, ["/bin/sh"], [])],
  ["B02 probe with one more argument", "X2", execProcess(APP_ID, ["/bin/probe", "fast", "x"], [])],
  ["B03 hook of another container", "X2", execProcess(APP_ID, ["/bin/only-in-init"], [])],
  ["B04 unknown container", "X1", execProcess("4e".repeat(32), ["/bin/probe", "fast"], [])],
  ["B05 terminal", "X3", change(START.probe, set("/process/Terminal", true))],
  ["B05 another user", "X4", change(START.probe, set("/process/User/UID", 0))],
  ["B05 another group", "X4", change(START.probe, add("/process/User/AdditionalGids/-", 0))],
  ["B05 another directory", "X4", change(START.probe, set("/process/Cwd", "/tmp"))],
  ["B05 new privileges", "X4", change(START.probe, set("/process/NoNewPrivileges", false))],
  ["B05 capabilities", "X6", change(START.probe, set("/process/Capabilities", capabilities("CAP_SYS_ADMIN")))],
  ["B06 additional variable", "X5", change(START.probe, add("/process/Env/-", "LD_PRELOAD=/x.so"))],
  ["B06 variable named twice", "X5", change(START.probe, repeat("/process/Env/1"))],
  ["B06 profile", "X7", change(START.probe, set("/process/ApparmorProfile", "x"))],
  ["B06 label", "X7", change(START.probe, set("/process/SelinuxLabel", "x"))],
  ["B06 string_user", "X7", change(START.probe, set("/string_user", { uid: "root", gid: "", additionalGids: [] }))],
  ["B06 port", "X8", change(START.probe, set("/stdout_port", 1024))],
  ["B07 exec_id of a container", "X9", change(START.probe, set("/exec_id", INIT_ID))],
  ["B07 rlimit", "X7", change(START.probe, add("/process/Rlimits/-", { Type: "RLIMIT_CORE", Hard: 1, Soft: 1 }))],
]

const TOP = sharedFile(APP_ID, "app")

const COPY_ROWS: readonly Row[] = [
  ["B10 into a root", "F1", copyFile(`/run/kata-containers/${APP_ID}/rootfs/bin/sh`)],
  ["B10 into /etc", "F1", copyFile("/etc/passwd")],
  ["B10 relative path", "F1", copyFile(`shared/containers/${APP_ID}-0123456789abcdef-app`)],
  ["B10 parent inside", "F1", copyFile(`${TOP}/../../${APP_ID}`)],
  ["B10 parent at the end", "F1", copyFile(`${TOP}/..`)],
  ["B10 line break", "F1", copyFile(`${TOP}/a\nb`)],
  ["B10 NUL", "F1", copyFile(`${TOP}/a\u0000b`)],
  ["B10 short id", "F1", copyFile("/run/kata-containers/shared/containers/abc-0123456789abcdef-app")],
  ["B10 empty part", "F1", copyFile(`${TOP}//a`)],
  ["B10 long path", "F1", copyFile(`${TOP}/${"é".repeat(2000)}`)],
  ["B11 link at the top", "F4", link(TOP, "a")],
  [
    "B11 link at the top of the passthrough folder",
    "F4",
    link(TOP.replace("shared/containers/", "shared/containers/passthrough/"), "a"),
  ],
  ["B11 absolute target", "F4", link(`${TOP}/a`, "/etc/passwd")],
  ["B11 target upwards", "F4", link(`${TOP}/a`, "../../x")],
  ["B11 target upwards later", "F4", link(`${TOP}/a`, "b/../../x")],
  ["B11 empty target", "F4", link(`${TOP}/a`, "")],
  ["B11 no target", "F4", change(copyFile(`${TOP}/a`), set("/file_type", "Symlink"))],
  ["B12 setuid", "F2", change(copyFile(TOP), set("/file_mode", 0o104755))],
  ["B12 setgid", "F2", change(copyFile(TOP), set("/file_mode", 0o102755))],
  ["B12 device", "F5", change(copyFile(TOP), set("/file_type", "Unknown"))],
  ["B12 too large", "F2", change(copyFile(TOP), set("/file_size", 64 * 1024 * 1024 + 1))],
  ["B12 offset behind the end", "F2", change(copyFile(TOP), set("/offset", 11))],
  ["B12 negative offset", "F2", change(copyFile(TOP), set("/offset", -1))],
]

const INTERFACE = "/interface"
const ROUTE = "/routes/Routes/1"
const NEIGHBOR = "/neighbors/ARPNeighbors/0"

const NETWORK_ROWS: readonly Row[] = [
  ["B13 interface lo", "N1", change(START.interface, set(`${INTERFACE}/name`, "lo"))],
  ["B13 device lo", "N1", change(START.interface, set(`${INTERFACE}/device`, "lo"))],
  ["B13 interface without a name", "N1", change(START.interface, set(`${INTERFACE}/name`, ""))],
  ["B13 zero hardware address", "N2", change(START.interface, set(`${INTERFACE}/hwAddr`, "00:00:00:00:00:00"))],
  ["B13 flag", "N3", change(START.interface, set(`${INTERFACE}/raw_flags`, 64))],
  ["B13 device path", "N5", change(START.interface, set(`${INTERFACE}/devicePath`, "../x"))],
  ...LOOPBACK_ADDRESSES().map((address): Row => [
    `B13 address ${address}`,
    "N4",
    change(START.interface, set(`${INTERFACE}/IPAddresses/0/address`, address)),
  ]),
  ["B14 route over lo", "N6", change(START.routes, set(`${ROUTE}/device`, "lo"))],
  ...LOOPBACK_ADDRESSES().map((address): Row => [
    `B14 route from ${address}`,
    "N7",
    change(START.routes, set(`${ROUTE}/source`, address)),
  ]),
  ["B14 route to 127.0.0.0/8", "N8", change(START.routes, set(`${ROUTE}/dest`, "127.0.0.0/8"))],
  ["B14 route to ::1/128", "N8", change(START.routes, set(`${ROUTE}/dest`, "::1/128"))],
  ["B14 route to nowhere", "N8", change(START.routes, set(`${ROUTE}/dest`, "10.0.0.0/x"))],
  ["B14 257 routes", "N8", change(START.routes, ...Array.from({ length: 254 }, () => repeat(ROUTE)))],
  ["B15 neighbour on lo", "N10", change(START.neighbors, set(`${NEIGHBOR}/device`, "lo"))],
  ["B15 neighbour 127.1.2.3", "N10", change(START.neighbors, set(`${NEIGHBOR}/toIPAddress/address`, "127.1.2.3"))],
  ["B15 state", "N10", change(START.neighbors, set(`${NEIGHBOR}/state`, 0))],
  ["B15 flags", "N10", change(START.neighbors, set(`${NEIGHBOR}/flags`, 5))],
  ["B15 mask", "N10", change(START.neighbors, set(`${NEIGHBOR}/toIPAddress/mask`, "8"))],
  ["B15 hardware address", "N10", change(START.neighbors, set(`${NEIGHBOR}/lladdr`, "x"))],
]

function LOOPBACK_ADDRESSES(): readonly string[] {
  return [
    ...[
      "127.0.0.1",
      "127.0.0.2",
      "127.1",
      "0127.0.0.1",
      "0x7f.0.0.1",
      "256.0.0.1",
      "1.2.3",
      "1.2.3.4.5",
      "::1",
      "0::1",
    ],
    ...[
      "00::001",
      "0:0:0:0:0:0:0:1",
      "::ffff:127.0.0.1",
      "::127.0.0.1",
      "::FFFF:7f00:1",
      "::ffff:7F00:0001",
      "::7fff:1",
    ],
    ...["0:0:0:0:0:ffff:7f00::", "::0.0.0.1", "localhost", "fe80::1%lo", "1", ":"],
  ]
}

const NEVER_ALLOWED = [
  ...["AddSwapRequest", "AddSwapPathRequest", "CloseStdinRequest", "GetDiagnosticDataRequest", "GetIPTablesRequest"],
  ...[
    "GetMetricsRequest",
    "ListInterfacesRequest",
    "ListRoutesRequest",
    "MemAgentCompactConfig",
    "MemAgentMemcgConfig",
  ],
  ...["MemHotplugByProbeRequest", "PauseContainerRequest", "ReseedRandomDevRequest", "ResizeVolumeRequest"],
  ...["ResumeContainerRequest", "SetGuestDateTimeRequest", "SetIPTablesRequest", "SetPolicyRequest"],
  ...["StartTracingRequest", "StopTracingRequest", "UpdateContainerRequest", "UpdateEphemeralMountsRequest"],
  ...["VolumeStatsRequest", "WriteStreamRequest", "AllowRequestsFailingPolicy", "NoSuchRequest"],
]

const WITH_RULES = [
  ...["AddARPNeighborsRequest", "CopyFileRequest", "CreateContainerRequest", "CreateSandboxRequest"],
  ...["ExecProcessRequest", "RemoveContainerRequest", "StartContainerRequest", "UpdateInterfaceRequest"],
  "UpdateRoutesRequest",
]

export const ENDPOINT_REFUSALS: readonly Refusal[] = [
  ...SANDBOX_ROWS.map((row) => refusal(row, startBefore("createSandbox"))),
  refusal(["B01 second sandbox", "S1", START.createSandbox], startBefore("sandbox")),
  ...EXEC_ROWS.map((row) => refusal(row, startBefore("probe"))),
  refusal(["B04 removed container", "X1", START.probe], [...startBefore("probe"), remove(APP_ID)]),
  refusal(["B08 start of an unknown container", "", START.startApp], startBefore("app")),
  refusal(["B08 removal of what is no id", "", remove("x")], startBefore("app")),
  ...[...COPY_ROWS, ...NETWORK_ROWS].map((row) => refusal(row, [])),
  ...NEVER_ALLOWED.map((kind) => refusal([`B16 ${kind}`, "", { kind, request: {} }], [])),
  ...WITH_RULES.map((kind) => refusal([`B17 ${kind} without fields`, "", { kind, request: {} }], startBefore("probe"))),
]

function refusal([name, condition, request]: Row, before: readonly Request[]): Refusal {
  return { name, condition, requests: [...before, request] }
}

function capabilities(...names: readonly string[]): Json {
  return { Bounding: names, Effective: names, Permitted: names, Inheritable: [], Ambient: [] }
}

function link(path: string, target: string): Request {
  return change(copyFile(path), set("/file_type", "Symlink"), set("/symlink_target", target))
}

export function remove(id: string): Request {
  return { kind: "RemoveContainerRequest", request: { container_id: id, timeout: 0 } }
}
