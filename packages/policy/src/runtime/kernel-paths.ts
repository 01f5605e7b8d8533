/** Paths of the kernel's file systems that a container must not read, unless it is privileged. */
export const MASKED_PATHS: readonly string[] = [
  ...["/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi"],
  ...["/proc/timer_list", "/proc/timer_stats", "/sys/firmware"],
]

/** Paths of the kernel's file systems that a container must not write. */
export const READONLY_PATHS: readonly string[] = [
  ...["/proc/asound", "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
]
