import type { MountAlternative, MountPolicy, RootPropagation } from "../document.ts"
import type { Container, Propagation, VolumeMount } from "../kubernetes/container.ts"
import type { Pod } from "../kubernetes/pod.ts"
import type { VolumeSource } from "../kubernetes/volumes.ts"
import { escapePattern } from "../pattern.ts"
import { compareText } from "../text-order.ts"

/** The mounts of a workload container, by destination: those of the pod spec replace those of the runtime. */
export function containerMounts(pod: Pod, container: Container): readonly MountPolicy[] {
  const mounts = new Map<string, MountPolicy>()
  for (const mount of [...commonMounts(container.security.privileged), ...fileMounts(pod, container)]) {
    mounts.set(mount.destination, mount)
  }
  for (const mount of container.mounts) {
    const source = pod.volumes.find(({ name }) => name === mount.volume)?.source
    if (source !== undefined) {
      mounts.set(mount.destination, volumeMount(mount, source))
    }
  }
  return sortMounts([...mounts.values()])
}

/** The mounts of the sandbox container. */
export function sandboxMounts(privileged: boolean): readonly MountPolicy[] {
  return sortMounts([
    ...commonMounts(privileged),
    optional("/etc/resolv.conf", shared("/etc/resolv.conf", "rbind ro nosuid nodev noexec")),
  ])
}

/**
 * Checks what holds for every mount whose path was read without a problem: none is at /, in the place of the image.
 *
 * @throws RangeError
 */
export function assertBelowRoot(mounts: readonly MountPolicy[]): void {
  const wrong = mounts.find(({ destination }) => !/^\/[^/]/.test(destination))
  if (wrong !== undefined) {
    throw new RangeError(`expected a mount below /, got ${JSON.stringify(wrong.destination)}`)
  }
}

/** Containerd gives the root of a container the widest propagation of its volume mounts. */
export function rootPropagation({ mounts }: Container): RootPropagation {
  const asked = new Set(mounts.map(({ propagation }) => propagation))
  return asked.has("Bidirectional") ? "rshared" : asked.has("HostToContainer") ? "rslave" : ""
}

/** Kernel file systems that every container gets. */
function commonMounts(privileged: boolean): readonly MountPolicy[] {
  const sysfs = (access: string): MountAlternative => of("sysfs", "sysfs", `nosuid noexec nodev ${access}`)
  return [
    required("/proc", of("proc", "proc", "nosuid noexec nodev")),
    required("/dev", of("tmpfs", "tmpfs", "nosuid strictatime mode=755 size=65536k")),
    required("/dev/pts", of("devpts", "devpts", "nosuid noexec newinstance ptmxmode=0666 mode=0620 gid=5")),
    required("/dev/mqueue", of("mqueue", "mqueue", "nosuid noexec nodev")),
    // Containerd 2.0.4 and later send "ro" for some privileged sandboxes.
    required("/sys", ...(privileged ? [sysfs("rw"), sysfs("ro")] : [sysfs("ro")])),
    required("/dev/shm", of("bind", "/run/kata-containers/sandbox/shm", "rbind")),
  ]
}

/** What kubelet writes for a container and the host copies in: which of it comes depends on the host. */
function fileMounts(pod: Pod, { security, terminationMessagePath }: Container): readonly MountPolicy[] {
  const access = security.readOnlyRoot ? "ro" : "rw"
  const token = "/var/run/secrets/kubernetes.io/serviceaccount"
  const file = (path: string, mode: string): MountPolicy => optional(path, shared(path, `rbind rprivate ${mode}`))
  return [
    required(
      "/sys/fs/cgroup",
      of("cgroup", "cgroup", `nosuid noexec nodev relatime ${security.privileged ? "rw" : "ro"}`),
    ),
    file("/etc/resolv.conf", access),
    file("/etc/hostname", access),
    file("/etc/hosts", "rw"),
    file(terminationMessagePath, "rw"),
    ...(pod.tokenMount ? [file(token, "ro")] : []),
  ]
}

const PROPAGATION: Readonly<Record<Propagation, string>> = {
  None: "rprivate",
  HostToContainer: "rslave",
  Bidirectional: "rshared",
}

function volumeMount({ volume, destination, readOnly, propagation }: VolumeMount, source: VolumeSource): MountPolicy {
  const options = (access: string): string => `rbind ${PROPAGATION[propagation]} ${access}`
  const access = readOnly ? "ro" : "rw"
  switch (source.kind) {
    case "memory":
      return required(destination, of("bind", ephemeralPath(volume), options(access)))
    case "disk":
      return required(destination, { type: "bind", source: { storage: "block" }, options: options(access).split(" ") })
    case "files": {
      const modes = readOnly ? ["ro"] : ["ro", "rw"]
      return required(destination, ...modes.map((mode) => shared(destination, options(mode))))
    }
    case "hostPath":
      return isGuestPath(source.path)
        ? required(destination, of("bind", source.path, options(access)))
        : required(destination, shared(destination, options(access)))
    case "claim": // kubelet mounts it read-only if either place says so
      return required(destination, shared(destination, options(source.readOnly ? "ro" : access)))
    case "block":
      return required(destination, shared(destination, options(access)))
  }
}

/** Where the guest mounts an emptyDir in memory. */
export function ephemeralPath(volume: string): string {
  return `/run/kata-containers/sandbox/ephemeral/${volume}`
}

/** Below these, the runtime takes a path of the guest instead of copying the host's. */
function isGuestPath(path: string): boolean {
  return path.startsWith("/dev/") || path.startsWith("/sys/")
}

function required(destination: string, ...any: readonly MountAlternative[]): MountPolicy {
  return { destination, required: true, any }
}

function optional(destination: string, ...any: readonly MountAlternative[]): MountPolicy {
  return { destination, required: false, any }
}

function of(type: string, source: string, options: string): MountAlternative {
  return { type, source, options: options.split(" ") }
}

/** A file or directory that the host copies in; the runtime names it after the last part of the destination. */
function shared(destination: string, options: string): MountAlternative {
  const name = destination.slice(destination.lastIndexOf("/") + 1)
  return { type: "bind", source: { shared: escapePattern(name) }, options: options.split(" ") }
}

function sortMounts(mounts: readonly MountPolicy[]): readonly MountPolicy[] {
  return [...mounts].sort((a, b) => compareText(a.destination, b.destination))
}
