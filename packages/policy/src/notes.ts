import type { ImageFactsLookup } from "./image-facts.ts"
import type { Container } from "./kubernetes/container.ts"
import type { Pod } from "./kubernetes/pod.ts"

/** Something that the policy allows because the pod spec asks for it, and that its author should know. */
export interface Note {
  readonly path: string
  readonly message: string
}

/** Containers that this project adds to pods; they need what they ask for. */
const INJECTED_CONTAINERS = ["contrast-initializer", "contrast-service-mesh"]

/** What the pods of a workload are allowed knowingly. */
export function listNotes(pod: Pod, imageFacts: ImageFactsLookup): readonly Note[] {
  const own = pod.containers.filter(({ name }) => !INJECTED_CONTAINERS.includes(name))
  return [
    ...when(pod.hostNetwork, `${pod.path}.hostNetwork`, "the pod shares the network of its guest"),
    ...when(pod.shareProcessNamespace, `${pod.path}.shareProcessNamespace`, "containers see each other's processes"),
    ...own.flatMap((container) => containerNotes(container, imageFacts)),
    ...volumeNotes(pod),
  ]
}

function containerNotes(container: Container, imageFacts: ImageFactsLookup): readonly Note[] {
  const { path, security, stdin, image } = container
  const unknown = image !== undefined && imageFacts(image.text) === undefined
  return [
    ...when(security.privileged, path, "a privileged container has all of the guest"),
    ...when(security.namesSeccomp, path, "seccompProfile has no effect: the runtime drops it"),
    ...when(stdin, path, "input never reaches the container"),
    ...when(
      unknown,
      path,
      "nothing is known of the image: it will start only if its environment is that of the pod spec (with the usual " +
        "PATH), and its working directory that of the pod spec, else /",
    ),
  ]
}

function volumeNotes({ path, volumes, containers, tokenMount }: Pod): readonly Note[] {
  const mounted = new Set(containers.flatMap(({ mounts }) => mounts.map(({ volume }) => volume)))
  const used = volumes.filter(({ name }) => mounted.has(name))
  const files = tokenMount || used.some(({ source }) => source.kind === "files")
  return [
    ...when(files, `${path}.volumes`, "files of ConfigMaps, Secrets and tokens come from the host and are not checked"),
    ...used.flatMap(({ name, source }) => [
      ...when(
        source.kind === "claim",
        `${path}.volumes`,
        `${name} comes from the host unprotected; the annotation contrast.edgeless.systems/secure-pv encrypts it`,
      ),
      ...when(source.kind === "hostPath", `${path}.volumes`, `${name} comes from the host unprotected`),
    ]),
  ]
}

function when(condition: boolean, path: string, message: string): readonly Note[] {
  return condition ? [{ path, message }] : []
}
