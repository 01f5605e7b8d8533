import type { Fields } from "./fields.ts"

/** A volume of a pod, by what the runtime makes of it. */
export interface Volume {
  readonly name: string
  readonly source: VolumeSource
}

/**
 * - `memory`, `disk`: an emptyDir, in the guest's memory or on an encrypted block device;
 * - `files`: content that the host copies in, from the cluster's own objects (ConfigMap, Secret, token, …);
 * - `claim`: a persistent volume, which may be read-only wherever it is mounted; `block`: one that is usable as a block
 *   device only;
 * - `hostPath`: a path of the host, or of the guest if it lies below /dev/ or /sys/.
 */
export type VolumeSource =
  | { readonly kind: "memory" | "disk" | "files" | "block" }
  | { readonly kind: "claim"; readonly readOnly: boolean }
  | { readonly kind: "hostPath"; readonly path: string }

/** Reads `spec.volumes` of a pod. */
export function readVolumes(pod: Fields): readonly Volume[] {
  return pod.list("volumes", (fields) => {
    fields.expectChoice()
    const name = fields.requiredText("name")
    if (name.length > MAX_NAME_LENGTH || !NAME.test(name)) {
      fields.refuse("expected a name of lower-case letters, digits and -", "name")
    }
    return { name, source: readSource(fields) }
  })
}

function readSource(volume: Fields): VolumeSource {
  const [source, second] = READERS.flatMap(([key, read]) => volume.optionalMap(key, read) ?? [])
  if (second !== undefined) {
    volume.refuse("expected one source")
  }
  return source ?? readNullSource(volume)
}

/** `emptyDir:` is one without further wishes; other sources have to say what they are. */
function readNullSource(volume: Fields): VolumeSource {
  const hasUnknownSource = volume.size > 1 // which is reported by its own name
  if (!volume.isNull("emptyDir") && !hasUnknownSource) {
    volume.refuse("expected a source")
  }
  return { kind: "disk" }
}

const MAX_NAME_LENGTH = 63
const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/

const ISCSI_FIELDS = [
  ...["targetPortal", "iqn", "lun", "iscsiInterface", "fsType", "readOnly", "portals", "chapAuthDiscovery"],
  ...["chapAuthSession", "secretRef", "initiatorName"],
]

type SourceReader = (fields: Fields) => VolumeSource

const READERS: readonly (readonly [key: string, read: SourceReader])[] = [
  ["emptyDir", readEmptyDir],
  ["configMap", filesWith("name", "items", "optional", "defaultMode")],
  ["secret", filesWith("secretName", "items", "optional", "defaultMode")],
  ["downwardAPI", filesWith("items", "defaultMode")],
  ["projected", readProjected],
  ["persistentVolumeClaim", readPersistentVolumeClaim],
  ["ephemeral", sourceWith({ kind: "claim", readOnly: false }, "volumeClaimTemplate")],
  ["csi", sourceWith({ kind: "block" }, "driver", "readOnly", "fsType", "volumeAttributes", "nodePublishSecretRef")],
  ["iscsi", sourceWith({ kind: "block" }, ...ISCSI_FIELDS)],
  ["hostPath", readHostPath],
]

function readEmptyDir(fields: Fields): VolumeSource {
  fields.ignore("sizeLimit")
  return { kind: fields.choice("medium", ["Memory"]) === undefined ? "disk" : "memory" }
}

/** The host chooses the content anyway, so what is asked for does not matter. */
function filesWith(...ignored: readonly string[]): SourceReader {
  return sourceWith({ kind: "files" }, ...ignored)
}

function sourceWith(source: VolumeSource, ...ignored: readonly string[]): SourceReader {
  return (fields) => {
    fields.ignore(...ignored)
    return source
  }
}

function readProjected(fields: Fields): VolumeSource {
  fields.ignore("defaultMode")
  fields.list("sources", (source) => {
    source.expectChoice()
    source.ignore("configMap", "secret", "downwardAPI", "serviceAccountToken")
  })
  return { kind: "files" }
}

function readPersistentVolumeClaim(fields: Fields): VolumeSource {
  fields.ignore("claimName")
  return { kind: "claim", readOnly: fields.flag("readOnly") ?? false }
}

function readHostPath(fields: Fields): VolumeSource {
  const path = fields.requiredText("path")
  if (!path.startsWith("/") || path.split("/").includes("..")) {
    fields.refuse("expected an absolute path without ..", "path")
  }
  if (fields.text("type") === "Socket") {
    fields.refuse("unsupported value: a socket of the host does not reach the guest", "type")
  }
  return { kind: "hostPath", path }
}
