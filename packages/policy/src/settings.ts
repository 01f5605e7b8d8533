import type { Settings } from "./document.ts"

/** Settings of the platforms that are known. */
export const DEFAULT_SETTINGS: Settings = {
  oci_versions: ["1.1.0", "1.2.0", "1.2.1", "1.3.0"],
  rlimits: [],
  apparmor_profiles: ["", "cri-containerd.apparmor.d"],
  cgroup_mount_extras: ["memory_recursiveprot", "nsdelegate"],
  logs: true,
  stdin: false,
  fd_passing: false,
}
