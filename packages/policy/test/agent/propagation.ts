import { APP, basePolicy, startBefore } from "./base.ts"
import type { Permission } from "./allowed.ts"
import { change, set } from "./changes.ts"
import type { Refusal } from "./refused-containers.ts"
import { type Request, createContainer } from "./requests.ts"

/** How mounts travel, as the options of a mount have it, by destination. */
type Propagations = Readonly<Record<string, "rslave" | "rshared">>

const SHARED = { "/mem": "rshared" } as const
const SLAVE = { "/mem": "rslave" } as const
const ROOT = "/OCI/Linux/RootfsPropagation"

/** The runtime gives the root of a container the widest propagation of its volumes: these are allowed … */
export const PROPAGATION_PERMISSIONS: readonly Permission[] = [
  scenario("a root that is shared, as a volume is", SHARED),
  scenario("a root that is a slave, as a volume is", SLAVE),
  scenario("a root that is shared, as the first of two volumes is", { ...SHARED, "/disk": "rslave" }),
  scenario("a root that is shared, as the second of two volumes is", { ...SLAVE, "/disk": "rshared" }),
  scenario("a root that is a slave, as the files of a ConfigMap are", { "/etc/app": "rslave" }),
]

/** … and these are not. */
export const PROPAGATION_REFUSALS: readonly Refusal[] = [
  scenario("a private root where a volume is shared", SHARED, ""),
  scenario("a slave where a volume is shared", SHARED, "rslave"),
  scenario("a shared root where a volume is a slave", SLAVE, "rshared"),
  scenario("a private root where a volume is a slave", SLAVE, ""),
].map((refusal) => ({ ...refusal, condition: "C22" }))

/** The start of a pod whose container `app` has such volumes, with another root than the runtime's if one is given. */
function scenario(name: string, propagations: Propagations, root?: string): Permission & { readonly policy: string } {
  const create = createContainer({
    ...APP,
    mounts: APP.mounts.map((mount) => ({
      ...mount,
      options: mount.options.replace("rprivate", propagations[mount.destination] ?? "rprivate"),
    })),
  })
  const last: Request = root === undefined ? create : change(create, set(ROOT, root))
  return { name: `propagation: ${name}`, policy: policyWith(propagations), requests: [...startBefore("app"), last] }
}

function policyWith(propagations: Propagations): string {
  const words = { rslave: "HostToContainer", rshared: "Bidirectional" }
  return basePolicy(
    Object.entries(propagations).map(([path, propagation]) => [
      `mountPath: ${path}}`,
      `mountPath: ${path}, mountPropagation: ${words[propagation]}}`,
    ]),
  )
}
