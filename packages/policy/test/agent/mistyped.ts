import { START, type StartStep, startBefore } from "./base.ts"
import { change, set } from "./changes.ts"
import { type Json, isList, isObject } from "./json.ts"
import type { Refusal } from "./refused-containers.ts"
import { remove } from "./refused-endpoints.ts"
import type { Request } from "./requests.ts"

/** Fields that no condition reads, by step, and those that may be null. */
const UNREAD: Readonly<Partial<Record<StartStep, RegExp>>> = {
  app: /^\/OCI\/Linux\/Resources\/(Memory\/(?!DisableOOMKiller)|CPU\/(?!Cpus|Mems))/,
  createSandbox: /^\/dns/,
  probe: /^\/process\/OOMScoreAdj$/,
  copyResolv: /^\/(dir_mode|uid|gid|symlink_target)$/,
  interface: /^\/interface\/(mtu|type_|IPAddresses\/\d\/(family|mask))$/,
  routes: /^\/routes\/Routes\/\d\/(gateway|scope|family|flags|mtu)$/,
  neighbors: /^\/neighbors\/ARPNeighbors\/\d\/toIPAddress\/family$/,
}
const NULLABLE = /^\/OCI\/Linux\/Resources\/(Memory|CPU)$/

const STEPS: readonly StartStep[] = [
  ...(["createSandbox", "copyResolv", "app", "startApp", "probe", "interface", "routes", "neighbors"] as const),
]

/**
 * Requests of the base with one field of a wrong JSON type. A few types stand for all of them, unless all are asked
 * for: the fields take turns.
 */
export function listMistyped(all: boolean): readonly Refusal[] {
  const removal = { before: startBefore("probe"), request: remove("x"), unread: /^\/timeout$/ }
  const steps = STEPS.map((step) => ({
    before: startBefore(step),
    request: START[step],
    unread: UNREAD[step],
  }))
  return [...steps, removal].flatMap(({ before, request, unread }) =>
    listPaths(request.request).flatMap(({ path, value }, turn) => {
      const wrong = wrongValues(path, value)
      const chosen = all ? wrong : wrong.filter((_value, index) => index === turn % wrong.length)
      return unread?.test(path) === true ? [] : chosen.map((other) => mistype(before, request, path, other))
    }),
  )
}

function mistype(before: readonly Request[], request: Request, path: string, value: Json): Refusal {
  return {
    name: `B18 ${request.kind} ${path} = ${JSON.stringify(value)}`,
    condition: "",
    requests: [...before, change(request, set(path, value))],
  }
}

interface Place {
  readonly path: string
  readonly value: Json
}

function listPaths(value: Json, path = ""): readonly Place[] {
  const children = isList(value)
    ? value.map((child, index) => [String(index), child] as const)
    : isObject(value)
      ? Object.entries(value)
      : []
  const below = children.flatMap(([key, child]) => listPaths(child, `${path}/${key.replaceAll("/", "~1")}`))
  return path === "" ? below : [{ path, value }, ...below]
}

function wrongValues(path: string, value: Json): readonly Json[] {
  const samples: readonly Json[] = ["x", 7, true, [], {}, ...(NULLABLE.test(path) ? [] : [null])]
  return samples.filter((sample) => typeOf(sample) !== typeOf(value))
}

function typeOf(value: Json): string {
  return value === null ? "null" : isList(value) ? "list" : typeof value
}
