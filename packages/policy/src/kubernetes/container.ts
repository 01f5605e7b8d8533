import { type EnvironmentVariable, readEnvironment } from "./environment.ts"
import type { Fields } from "./fields.ts"
import { type ImageReference, parseImageReference } from "./image-reference.ts"
import { type ContainerSecurity, readContainerSecurity } from "./security-context.ts"

/** A container of a pod: the fields that decide what runs in the guest. */
export interface Container {
  readonly name: string
  /** Place in the object, for problems that show up later. */
  readonly path: string
  readonly image: ImageReference | undefined
  readonly command: readonly string[]
  readonly args: readonly string[]
  readonly workingDir: string | undefined
  readonly environment: readonly EnvironmentVariable[]
  readonly mounts: readonly VolumeMount[]
  readonly devices: readonly VolumeDevice[]
  /** Commands of probes and lifecycle hooks. */
  readonly probes: readonly (readonly string[])[]
  readonly hooks: readonly (readonly string[])[]
  readonly tty: boolean
  readonly stdin: boolean
  readonly terminationMessagePath: string
  readonly security: ContainerSecurity
}

/** A volume mounted as a directory. */
export interface VolumeMount {
  readonly volume: string
  /** Absolute and clean. */
  readonly destination: string
  readonly readOnly: boolean
  readonly propagation: Propagation
}

/** How mounts travel between a container and its guest. */
export type Propagation = "None" | "HostToContainer" | "Bidirectional"

/** A volume as a block device. */
export interface VolumeDevice {
  readonly volume: string
  readonly path: string
}

/** Reads a container of `spec.containers` or `spec.initContainers`. */
export function readContainer(fields: Fields): Container {
  fields.ignore("imagePullPolicy", "ports", "terminationMessagePolicy", "resizePolicy", "stdinOnce", "restartPolicy")
  fields.map("resources", readResources)
  return {
    name: fields.requiredText("name"),
    path: fields.path,
    image: readImage(fields),
    command: readArguments(fields, "command"),
    args: readArguments(fields, "args"),
    workingDir: fields.text("workingDir"),
    environment: readEnvironment(fields),
    mounts: readUnique(fields, "volumeMounts", readMount, ({ destination }) => destination),
    devices: readUnique(fields, "volumeDevices", readDevice, ({ path }) => path),
    probes: ["livenessProbe", "readinessProbe", "startupProbe"].flatMap((key) => readProbe(fields, key)),
    hooks: fields.map("lifecycle", (hooks) => ["postStart", "preStop"].flatMap((key) => readHook(hooks, key))),
    tty: fields.flag("tty") ?? false,
    stdin: fields.flag("stdin") ?? false,
    terminationMessagePath: readPath(fields, "terminationMessagePath", "/dev/termination-log"),
    security: fields.map("securityContext", readContainerSecurity),
  }
}

/** Resources that a device comes with; their rules do not exist yet. */
const DEVICE_RESOURCES = ["nvidia.com/gpu", "nvidia.com/pgpu"]

function readResources(fields: Fields): void {
  fields.ignore("requests", "claims")
  fields.map("limits", (limits) => {
    DEVICE_RESOURCES.filter((key) => limits.has(key)).forEach((key) => {
      limits.refuse("unsupported field", key)
    })
    limits.ignoreRest()
  })
}

function readImage(fields: Fields): ImageReference | undefined {
  const text = fields.requiredText("image")
  const image = parseImageReference(text)
  if (text !== "" && image === undefined) {
    fields.refuse(`expected a reference by digest, as name@sha256:…, got ${JSON.stringify(text)}`, "image")
  }
  return image
}

function readArguments(fields: Fields, key: string): readonly string[] {
  const list = fields.texts(key)
  if (list.some((argument) => argument.includes("\0"))) {
    fields.refuse("expected arguments without NUL", key)
  }
  return list
}

function readProbe(container: Fields, key: string): readonly (readonly string[])[] {
  return container.map(key, (probe) => {
    probe.expectChoice()
    probe.ignore("httpGet", "tcpSocket", "grpc", "initialDelaySeconds", "timeoutSeconds", "periodSeconds")
    probe.ignore("successThreshold", "failureThreshold", "terminationGracePeriodSeconds")
    return readExec(probe)
  })
}

function readHook(lifecycle: Fields, key: string): readonly (readonly string[])[] {
  return lifecycle.map(key, (hook) => {
    hook.expectChoice()
    hook.ignore("httpGet", "tcpSocket", "sleep")
    return readExec(hook)
  })
}

function readExec(fields: Fields): readonly (readonly string[])[] {
  const command = fields.map("exec", (exec) => readArguments(exec, "command"))
  return command.length > 0 ? [command] : []
}

function readMount(fields: Fields): VolumeMount {
  const recursive = fields.text("recursiveReadOnly")
  if (recursive !== undefined && recursive !== "Disabled") {
    fields.refuse("unsupported value: only Disabled is supported", "recursiveReadOnly")
  }
  return {
    volume: fields.requiredText("name"),
    destination: readPath(fields, "mountPath"),
    readOnly: fields.flag("readOnly") ?? false,
    propagation: fields.choice("mountPropagation", ["None", "HostToContainer", "Bidirectional"]) ?? "None",
  }
}

function readDevice(fields: Fields): VolumeDevice {
  return { volume: fields.requiredText("name"), path: readPath(fields, "devicePath") }
}

function readUnique<T>(
  fields: Fields,
  key: string,
  read: (fields: Fields) => T,
  identity: (item: T) => string,
): readonly T[] {
  const items = fields.list(key, read)
  const names = items.map(identity)
  const repeated = names.find((name, index) => names.indexOf(name) !== index)
  if (repeated !== undefined) {
    fields.refuse(`${JSON.stringify(repeated)} is named twice`, key)
  }
  return items
}

/**
 * A path in the container. Kubelet and runtime hand it on as it is written, so the policy cannot clean it; and only of
 * clean paths can the rules tell which one lies below another.
 */
function readPath(fields: Fields, key: string, otherwise?: string): string {
  const given = otherwise === undefined ? fields.requiredText(key) : (fields.text(key) ?? otherwise)
  const clean = cleanPath(given)
  if (given === "") {
    return given
  }
  if (!given.startsWith("/") || clean === "/" || !/^[^:\p{Cc}]+$/u.test(given)) {
    fields.refuse("expected an absolute path below /, without :", key)
  } else if (given !== clean) {
    fields.refuse(`expected ${clean}, got ${given}: kubelet and runtime do not clean a path`, key)
  }
  return clean
}

/** The path without empty parts, `.` and `..`. */
function cleanPath(path: string): string {
  const parts: string[] = []
  for (const part of path.split("/")) {
    if (part === "..") {
      parts.pop()
    } else if (part !== "" && part !== ".") {
      parts.push(part)
    }
  }
  return `/${parts.join("/")}`
}
