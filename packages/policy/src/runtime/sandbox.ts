import type { ContainerPolicy, SandboxPolicy } from "../document.ts"
import type { Pod } from "../kubernetes/pod.ts"
import { joinText } from "../text.ts"
import { DEFAULT_CAPABILITIES } from "./capabilities.ts"
import { DEFAULT_PATH } from "./environment.ts"
import { MASKED_PATHS, READONLY_PATHS } from "./kernel-paths.ts"
import { sandboxMounts } from "./mounts.ts"
import { namespacePart, sandboxName } from "./sandbox-name.ts"
import { SANDBOX_STORAGES } from "./storages.ts"
import type { ProcessUser } from "./user.ts"

/** What holds for the pod as a whole. */
export function sandboxPolicy(pod: Pod): SandboxPolicy {
  return {
    name: sandboxName(pod.origin),
    namespace: joinText([namespacePart(pod.origin)]),
    host_network: pod.hostNetwork,
    pidns: pod.shareProcessNamespace,
    storages: SANDBOX_STORAGES,
  }
}

/** The container that holds the pod's namespaces. It comes with the guest image, not from a registry. */
export function sandboxContainerPolicy(pod: Pod): ContainerPolicy {
  const privileged = pod.containers.some(({ security }) => security.privileged)
  return {
    name: "",
    type: "sandbox",
    image: { guest: "pause" },
    process: {
      args: ["/pause"],
      cwd: "/",
      terminal: false,
      user: sandboxUser(pod),
      capabilities: [...DEFAULT_CAPABILITIES].sort(),
      no_new_privileges: true,
    },
    env: {
      fixed: new Map([["PATH", DEFAULT_PATH]]),
      patterns: new Map(),
      sandbox_name: [],
      namespace: [],
      services: false,
      hostname: false,
    },
    root_readonly: true,
    root_propagation: "",
    privileged,
    pidns: false,
    namespaces: pod.hostNetwork ? ["ipc", "mount"] : ["ipc", "mount", "uts"],
    mounts: sandboxMounts(privileged),
    storages: [],
    devices: [],
    masked: MASKED_PATHS,
    readonly: READONLY_PATHS,
    sysctls: { allowed: allowedSysctls(pod), required: pod.security.sysctls },
    annotations: pod.annotations,
    exec: [],
  }
}

/** The user that the pause image names, unless the pod names one; other groups of the pod do not apply here. */
function sandboxUser({ security }: Pod): ProcessUser {
  const { runAsUser, runAsGroup } = security
  if (runAsUser === undefined) {
    return { uid: 65535, gid: 65535, groups: [65535] }
  }
  const gid = runAsGroup ?? 0
  return { uid: runAsUser, gid, groups: [gid] }
}

/** What containerd sets of its own accord, where the pod does not set it. */
function allowedSysctls({ security }: Pod): ReadonlyMap<string, string> {
  const defaults = [
    ["net.ipv4.ip_unprivileged_port_start", "0"],
    ["net.ipv4.ping_group_range", "0 2147483647"],
  ] as const
  return new Map(defaults.filter(([name]) => !security.sysctls.has(name)))
}
