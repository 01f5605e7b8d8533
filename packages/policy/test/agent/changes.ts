import { type Json, applyPatch, valueAt } from "./json.ts"
import type { Request } from "./requests.ts"

/** A change of a request. */
export type Change = (request: Json) => Json

export function set(path: string, value: Json): Change {
  return (request) => applyPatch(request, [{ op: "replace", path, value }])
}

export function add(path: string, value: Json): Change {
  return (request) => applyPatch(request, [{ op: "add", path, value }])
}

export function cut(path: string): Change {
  return (request) => applyPatch(request, [{ op: "remove", path }])
}

/** Adds another copy of what is there. */
export function repeat(path: string): Change {
  return (request) => add(`${path.slice(0, path.lastIndexOf("/"))}/-`, valueAt(request, path))(request)
}

export function annotate(key: string, value: string): Change {
  return add(`/OCI/Annotations/${key.replaceAll("/", "~1")}`, value)
}

/** Sets values in the metadata that the image puller of the guest reads. */
export function setMetadata(values: Readonly<Record<string, string>>): Change {
  const path = "/storages/0/driver_options/0"
  return (request) => {
    const option = textAt(request, path).replace("image_guest_pull=", "")
    const { metadata } = JSON.parse(option) as { metadata: Record<string, string> } // written by the base
    return set(path, `image_guest_pull=${JSON.stringify({ metadata: { ...metadata, ...values } })}`)(request)
  }
}

function textAt(request: Json, path: string): string {
  const value = valueAt(request, path)
  if (typeof value !== "string") {
    throw new TypeError(`no text at ${path}`)
  }
  return value
}

export function addMount(destination: string, source: string): Change {
  return add("/OCI/Mounts/-", { destination, source, type_: "bind", options: ["rbind", "rprivate", "rw"] })
}

/** The request after all changes. */
export function change({ kind, request }: Request, ...changes: readonly Change[]): Request {
  return { kind, request: changes.reduce((current, apply) => apply(current), request) }
}

/** The request with texts replaced wherever they stand. */
export function rewrite({ kind, request }: Request, texts: Readonly<Record<string, string>>): Request {
  const text = Object.entries(texts).reduce(
    (current, [from, to]) => current.replaceAll(from, to),
    JSON.stringify(request),
  )
  return { kind, request: JSON.parse(text) as Json } // JSON as before
}
