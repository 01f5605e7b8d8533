import type { ImageFacts } from "../image-facts.ts"
import type { PodSecurity, UserChoice } from "../kubernetes/security-context.ts"

/** User of a process, as numbers. */
export interface ProcessUser {
  readonly uid: number
  readonly gid: number
  /** Additional groups, sorted. */
  readonly groups: readonly number[]
}

/** What decides the user of a workload container. */
export interface UserInputs {
  readonly pod: PodSecurity
  readonly container: UserChoice
  /** Undefined when the image is not known. */
  readonly image: ImageFacts | undefined
}

/** A user, or what the pod spec has to say so that there is one. */
export type UserResult = ProcessUser | { readonly missing: string }

/**
 * The user of a container, as kubelet and containerd find it. Under guest pull containerd may not see the files of the
 * image, so a user that depends on them is refused: the pod spec has to state it.
 */
export function resolveUser({ pod, container, image }: UserInputs): UserResult {
  const choice = {
    runAsUser: container.runAsUser ?? pod.runAsUser,
    runAsGroup: container.runAsGroup ?? pod.runAsGroup,
  }
  if (image === undefined) {
    return resolveStated(pod, choice)
  }
  const full = findUser({ pod, choice, image })
  const blind = findUser({ pod, choice, image: { ...image, passwd: "", group: "" } })
  if (full === undefined) {
    return { missing: `runAsUser: the image has no user ${JSON.stringify(image.user)} in /etc/passwd` }
  }
  return blind !== undefined && isEqual(full, blind) ? full : { missing: statement(full) }
}

interface Choice {
  readonly runAsUser: number | undefined
  readonly runAsGroup: number | undefined
}

interface Lookup {
  readonly pod: PodSecurity
  readonly choice: Choice
  readonly image: Pick<ImageFacts, "user" | "passwd" | "group">
}

function resolveStated(pod: PodSecurity, { runAsUser, runAsGroup }: Choice): UserResult {
  if (runAsUser === undefined || runAsGroup === undefined) {
    const missing = Object.entries({ runAsUser, runAsGroup }).flatMap(([key, id]) => (id === undefined ? [key] : []))
    return { missing: `${missing.join(" and ")}: nothing is known of the image` }
  }
  return { uid: runAsUser, gid: runAsGroup, groups: sortedGroups([runAsGroup, ...podGroups(pod)]) }
}

function findUser({ pod, choice, image }: Lookup): ProcessUser | undefined {
  const accounts = readAccounts(image.passwd)
  const [imageUser = ""] = image.user.split(":")
  const uid = choice.runAsUser ?? findUid(imageUser, accounts)
  if (uid === undefined) {
    return undefined
  }
  const account = accounts.find((candidate) => candidate.uid === uid)
  const gid = choice.runAsGroup ?? account?.gid ?? 0
  const imageGroups = pod.mergeImageGroups && account !== undefined ? groupsOf(account.name, image.group) : []
  return { uid, gid, groups: sortedGroups([gid, ...podGroups(pod), ...imageGroups]) }
}

function findUid(user: string, accounts: readonly Account[]): number | undefined {
  if (user === "") {
    return 0
  }
  return /^\d{1,10}$/.test(user) ? Number(user) : accounts.find(({ name }) => name === user)?.uid
}

interface Account {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/** Lines of /etc/passwd; those that are malformed are skipped, as the runtime does it. */
function readAccounts(passwd: string): readonly Account[] {
  return passwd.split("\n").flatMap((line) => {
    const [name = "", , uid = "", gid = "", ...rest] = line.split(":")
    return rest.length === 3 && isNumber(uid) && isNumber(gid) ? [{ name, uid: Number(uid), gid: Number(gid) }] : []
  })
}

/** Groups of /etc/group that list the user; containerd leaves out the group of the user's own name. */
function groupsOf(user: string, group: string): readonly number[] {
  return group.split("\n").flatMap((line) => {
    const [name = "", , gid = "", members = ""] = line.split(":")
    return name !== user && isNumber(gid) && members.split(",").includes(user) ? [Number(gid)] : []
  })
}

function isNumber(text: string): boolean {
  return /^\d{1,10}$/.test(text)
}

function podGroups({ fsGroup, supplementalGroups }: PodSecurity): readonly number[] {
  return fsGroup === undefined ? supplementalGroups : [fsGroup, ...supplementalGroups]
}

function sortedGroups(groups: readonly number[]): readonly number[] {
  return [...new Set(groups)].sort((a, b) => a - b)
}

function isEqual(a: ProcessUser, b: ProcessUser): boolean {
  return a.uid === b.uid && a.gid === b.gid && a.groups.join() === b.groups.join()
}

function statement({ uid, gid, groups }: ProcessUser): string {
  const more = groups.filter((group) => group !== gid)
  const ids = `runAsUser: ${uid}, runAsGroup: ${gid}`
  return more.length === 0 ? ids : `${ids}, and of the pod supplementalGroups: [${more.join(", ")}]`
}
