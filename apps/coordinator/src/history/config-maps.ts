import { once } from "node:events"
import { constants } from "node:fs"
import { open } from "node:fs/promises"
import type { IncomingMessage } from "node:http"
import { Agent, request } from "node:https"
import path from "node:path"
import { type HistoryObjectId, historyConfigMap, historyConfigMapName, historyObjectOf } from "@contrast/manifest"
import { CoordinatorError } from "../error.ts"
import { systemCode } from "../system-error.ts"

/** A value in a ConfigMap, and the version that a change of it has to name. */
export interface VersionedValue {
  readonly value: Uint8Array
  readonly resourceVersion: string
}

/**
 * The ConfigMaps of a history, one for each of its objects.
 *
 * Every method throws {@link CoordinatorError} `STORE` when the API server refuses, and `STORE_UNCERTAIN` when it cannot be
 * known whether it did what it was asked to.
 */
export interface ConfigMaps {
  find(id: HistoryObjectId): Promise<VersionedValue | undefined>
  create(id: HistoryObjectId, value: Uint8Array): Promise<"created" | "exists">
  replace(id: HistoryObjectId, next: VersionedValue): Promise<"replaced" | "conflict">
}

/** Where the API server is, and as whom it is asked. */
export interface ClusterAccess {
  readonly url: string
  /** With the files that Kubernetes mounts into pods: `token`, `ca.crt` and `namespace`. */
  readonly serviceAccountDirectory: string
}

interface Answer {
  readonly status: number
  readonly body: string
}

const TIMEOUT_MS = 10_000
/** Of each file of the service account; what is longer is cut, and of no use. */
const MAX_ACCOUNT_BYTES = 64 * 1024
/** A ConfigMap holds 1 MiB at most, in base64, and some words about it. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024
/** Nothing has happened if the connection was not even made. */
const NEVER_SENT: readonly unknown[] = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]

/**
 * The ConfigMaps of the pod's own namespace. The API server belongs to the host: what it answers is believed no more than
 * what is on a disk.
 *
 * @throws {@link CoordinatorError} `STORE` if there is no service account.
 */
export async function openConfigMaps({ url, serviceAccountDirectory }: ClusterAccess): Promise<ConfigMaps> {
  const file = (name: string): Promise<string> => readAccount(path.join(serviceAccountDirectory, name))
  const [ca, namespace] = [await file("ca.crt"), (await file("namespace")).trim()]
  const collection = new URL(`/api/v1/namespaces/${encodeURIComponent(namespace)}/configmaps`, url)
  // A write goes over a connection of its own: one that has idled may end just then, and nobody would know what was done.
  const agents = { GET: new Agent({ ca, keepAlive: true }), POST: new Agent({ ca }), PUT: new Agent({ ca }) }
  // The token is changed while we run.
  const ask = async (method: keyof typeof agents, target: URL, body?: object): Promise<Answer> =>
    exchange({ method, target, agent: agents[method], token: (await file("token")).trim(), body })
  return {
    async find(id) {
      const answer = await ask("GET", itemOf(collection, id))
      if (answer.status === 404) return undefined
      if (answer.status !== 200) throw refusal("read", id, answer)
      return parseConfigMap(id, answer.body)
    },
    async create(id, value) {
      const answer = await ask("POST", collection, historyConfigMap(id, value))
      if (answer.status === 409) return "exists"
      if (answer.status !== 201) throw refusal("create", id, answer)
      return "created"
    },
    async replace(id, { value, resourceVersion }) {
      const configMap = historyConfigMap(id, value)
      const next = { ...configMap, metadata: { ...configMap.metadata, resourceVersion } }
      const answer = await ask("PUT", itemOf(collection, id), next)
      if (answer.status === 409 || answer.status === 404) return "conflict"
      if (answer.status !== 200) throw refusal("replace", id, answer)
      return "replaced"
    },
  }
}

async function readAccount(file: string): Promise<string> {
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAX_ACCOUNT_BYTES), 0, MAX_ACCOUNT_BYTES, 0)
      return buffer.toString("utf8", 0, bytesRead)
    } finally {
      await handle.close()
    }
  } catch (cause) {
    throw new CoordinatorError(
      "STORE",
      `cannot read ${file}: ${systemCode(cause) ?? "unexpected error"}; the pod needs the token of its service account`,
      { cause },
    )
  }
}

interface Exchange {
  readonly method: string
  readonly target: URL
  readonly agent: Agent
  readonly token: string
  readonly body: object | undefined
}

async function exchange({ method, target, agent, token, body }: Exchange): Promise<Answer> {
  const text = body === undefined ? undefined : JSON.stringify(body)
  const headers = {
    authorization: `Bearer ${token}`,
    accept: "application/json",
    ...(text !== undefined && { "content-type": "application/json", "content-length": Buffer.byteLength(text) }),
  }
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const sent = request(target, { method, agent, headers, signal })
    sent.end(text)
    // The request itself forgets the signal when the server switches protocols.
    const [response] = (await once(sent, "response", { signal })) as [IncomingMessage]
    return { status: response.statusCode ?? 0, body: await readBounded(response) }
  } catch (cause) {
    const code = systemCode(cause)
    const isKnown = method === "GET" || NEVER_SENT.includes(code)
    const message = `no answer from the API server of Kubernetes: ${code ?? "unexpected error"}`
    throw new CoordinatorError(isKnown ? "STORE" : "STORE_UNCERTAIN", message, { cause })
  }
}

async function readBounded(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of response as AsyncIterable<Buffer>) {
    size += part.length
    if (size > MAX_ANSWER_BYTES) throw new RangeError("the answer is too long")
    parts.push(part)
  }
  return Buffer.concat(parts).toString("utf8")
}

function itemOf(collection: URL, id: HistoryObjectId): URL {
  return new URL(`${collection.pathname}/${historyConfigMapName(id)}`, collection)
}

function parseConfigMap(id: HistoryObjectId, body: string): VersionedValue {
  try {
    const { metadata, binaryData } = JSON.parse(body) as {
      readonly metadata: { readonly resourceVersion: unknown }
      readonly binaryData?: unknown
    }
    return { value: historyObjectOf(id, binaryData), resourceVersion: String(metadata.resourceVersion) }
  } catch (cause) {
    const message = `the API server of Kubernetes shows no ConfigMap under the name ${historyConfigMapName(id)}`
    throw new CoordinatorError("STORE", message, { cause })
  }
}

/** A refusal is certain; a failure of the server is not. */
function refusal(act: string, id: HistoryObjectId, { status, body }: Answer): CoordinatorError {
  const isCertain = act === "read" || (status >= 400 && status < 500 && status !== 408)
  const name = historyConfigMapName(id)
  const message = `the API server of Kubernetes does not ${act} ConfigMap ${name}: ${status} ${messageOf(body)}`
  return new CoordinatorError(isCertain ? "STORE" : "STORE_UNCERTAIN", message.trimEnd())
}

/** What a Status object says, cut short. */
function messageOf(body: string): string {
  try {
    const { message } = JSON.parse(body) as { readonly message?: unknown }
    return typeof message === "string" ? message.slice(0, 300) : ""
  } catch {
    return ""
  }
}
