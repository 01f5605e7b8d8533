import type { ImageFacts } from "../image-facts.ts"
import type { Pod } from "../kubernetes/pod.ts"
import { type TextPart, joinText } from "../text.ts"
import { compareText } from "../text-order.ts"
import type { Variables } from "./variables.ts"

/** The environment of a process, as the rules check it (C20). */
export interface EnvironmentPolicy {
  /** Present with exactly this value. */
  readonly fixed: ReadonlyMap<string, string>
  /** Fitting a pattern, if present. */
  readonly patterns: ReadonlyMap<string, string>
  /** Equal to the name and the namespace of the sandbox, if present. */
  readonly sandbox_name: readonly string[]
  readonly namespace: readonly string[]
  /** Whether variables of services, and the ones of the API server and the host name, may be added. */
  readonly services: boolean
  readonly hostname: boolean
}

/** What containerd sets where an image sets no search path. */
export const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/** What makes up the environment of a container. */
export interface EnvironmentInputs {
  readonly pod: Pod
  readonly image: ImageFacts
  readonly variables: Variables
  readonly tty: boolean
}

/** The environment of a container: that of the image, under what the runtime adds, under that of the pod spec. */
export function environmentPolicy({ pod, image, variables, tty }: EnvironmentInputs): EnvironmentPolicy {
  const parts = new Map<string, readonly TextPart[]>([["PATH", [DEFAULT_PATH]], ...imageVariables(image)])
  parts.delete("HOSTNAME")
  for (const [name, value] of [...(tty ? [["TERM", ["xterm"]] as const] : []), ...variables]) {
    parts.set(name, value)
  }
  const entries = [...parts].sort(([a], [b]) => compareText(a, b)).map(([name, value]) => ({ name, value }))
  const named = (what: "podName" | "namespace"): readonly string[] =>
    entries.filter(({ value }) => wholeUnknown(value) === what).map(({ name }) => name)
  const texts = entries
    .filter(({ value }) => wholeUnknown(value) === undefined)
    .map(({ name, value }) => ({ name, text: joinText(value) }))
  return {
    fixed: new Map(texts.flatMap(({ name, text }) => (typeof text === "string" ? [[name, text]] : []))),
    patterns: new Map(texts.flatMap(({ name, text }) => (typeof text === "string" ? [] : [[name, text.pattern]]))),
    sandbox_name: named("podName"),
    namespace: named("namespace"),
    services: pod.serviceLinks,
    hostname: true,
  }
}

function imageVariables({ env }: ImageFacts): readonly (readonly [string, readonly string[]])[] {
  return env.flatMap((entry) => {
    const at = entry.indexOf("=")
    return at < 0 ? [] : [[entry.slice(0, at), [entry.slice(at + 1)]] as const]
  })
}

/** What a value is that stands for one unknown text which a request tells elsewhere too. */
function wholeUnknown(parts: readonly TextPart[]): "podName" | "namespace" | undefined {
  const [part, ...rest] = parts.filter((candidate) => candidate !== "")
  return part === undefined || typeof part === "string" || rest.length > 0 ? undefined : part.is
}
