/** Capabilities that containerd gives a container by default. */
export const DEFAULT_CAPABILITIES: readonly string[] = [
  ...["CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "MKNOD", "NET_RAW", "SETGID", "SETUID", "SETFCAP", "SETPCAP"],
  ...["NET_BIND_SERVICE", "SYS_CHROOT", "KILL", "AUDIT_WRITE"],
]

/** All capabilities of Linux 5.9 and later (capabilities(7)), by number. */
export const ALL_CAPABILITIES: readonly string[] = [
  ...["CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP"],
  ...["LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER"],
  ...["SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE"],
  ...["SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP"],
  ...["MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF"],
  ...["CHECKPOINT_RESTORE"],
]

/** What a pod spec says about a container's capabilities; names in upper case without `CAP_`, or `ALL`. */
export interface CapabilityChanges {
  readonly add: readonly string[]
  readonly drop: readonly string[]
}

/** The capabilities of a container, sorted: containerd applies `ALL` first, then the other adds, then the drops. */
export function resolveCapabilities(privileged: boolean, { add, drop }: CapabilityChanges): readonly string[] {
  if (privileged) {
    return [...ALL_CAPABILITIES].sort()
  }
  const all = add.includes("ALL") ? ALL_CAPABILITIES : DEFAULT_CAPABILITIES
  const base = drop.includes("ALL") ? [] : all
  const added = [...base, ...add.filter((name) => name !== "ALL")]
  return [...new Set(added)].filter((name) => !drop.includes(name)).sort()
}
