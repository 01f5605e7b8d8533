import { setTimeout } from "node:timers/promises"
import type {
  AmdCollateral,
  AmdQuery,
  CollateralSource,
  Freshness,
  IntelCollateral,
  IntelQuery,
  SignedCollateral,
} from "@contrast/attestation"
import { encodeHex } from "@contrast/crypto"
import { Absences } from "./absences.ts"
import { type Answer, findContent } from "./answer.ts"
import type { Cache } from "./cache.ts"
import type { Content, Entry } from "./entry.ts"
import { httpGet } from "./http-get.ts"
import { describeItem, isNamedByEvidence, type Item, itemName, vcekItem } from "./item.ts"
import { isFresh } from "./renewal.ts"
import { type CollateralRequest, requestFor, serviceUrls, type ServiceUrls, type Vendor } from "./request.ts"
import { findStanding, isOlder, type Standing } from "./standing.ts"
import { systemCode } from "./system-code.ts"
import { type Pace, VendorGate } from "./vendor-gate.ts"

/** What a store works with. */
export interface CollateralOptions extends Partial<Pace> {
  readonly cache: Cache
  /** Base addresses; the defaults are the vendors' own. */
  readonly amdUrl?: string | undefined
  readonly intelUrl?: string | undefined
  readonly intelRootCrlUrl?: string | undefined
  readonly fetch?: typeof globalThis.fetch
  /** Ask nobody; what is kept has to do. */
  readonly offline?: boolean
  /** How long the answer to one question may take, all waiting included. */
  readonly budgetMs?: number
  /** Told of each question to a vendor, and of each problem. Names no chip. */
  readonly events?: CollateralEvents
}

/** What a store tells while it works. */
export interface CollateralEvents {
  asking(what: string): void
  problem(sentence: string): void
}

/** One piece of collateral, or why there is none; both if it could not be renewed. */
export interface Found {
  readonly content: Content | undefined
  readonly problem: string | undefined
}

/** Collateral from the vendors' services, with a cache in front. It never throws on what a service or the cache does. */
export interface CollateralStore extends CollateralSource {
  find(item: Item, freshness: Freshness): Promise<Found>
}

const BUDGET_MS = 20_000
const SILENT: CollateralEvents = { asking: () => undefined, problem: () => undefined }

/**
 * Creates a store. One for each process: it is what asks a vendor one question at a time.
 *
 * @throws {@link CollateralError} `URL`.
 */
export function createCollateralStore(options: CollateralOptions): CollateralStore {
  return new Store(options)
}

class Store implements CollateralStore {
  readonly #options: Required<Pick<CollateralOptions, "fetch" | "offline" | "budgetMs" | "events" | "cache">> & Pace
  readonly #urls: ServiceUrls
  readonly #gates: Readonly<Record<Vendor, VendorGate>>
  readonly #running = new Map<string, Promise<Found>>()
  readonly #absences = new Absences()

  constructor(options: CollateralOptions) {
    this.#options = {
      cache: options.cache,
      fetch: options.fetch ?? globalThis.fetch,
      offline: options.offline ?? false,
      budgetMs: options.budgetMs ?? BUDGET_MS,
      events: options.events ?? SILENT,
      now: options.now ?? (() => new Date()),
      sleep: options.sleep ?? ((ms) => setTimeout(ms)),
      random: options.random ?? Math.random,
    }
    this.#urls = serviceUrls(options)
    this.#gates = { AMD: new VendorGate(this.#options), Intel: new VendorGate(this.#options) }
  }

  async amd(query: AmdQuery, freshness: Freshness): Promise<AmdCollateral> {
    const [leaf, crl] = await Promise.all([
      this.#findLeaf(query, freshness),
      this.find({ kind: "amd-crl", line: query.line, signer: query.kind }, freshness),
    ])
    return { leaf: leaf.content?.body, crl: crl.content?.body, problems: problemsOf([leaf, crl]) }
  }

  async intel({ fmspc, ca }: IntelQuery, freshness: Freshness): Promise<IntelCollateral> {
    const items = [
      { kind: "tcb-info", fmspc: encodeHex(fmspc) },
      { kind: "qe-identity" },
      { kind: "root-crl" },
      { kind: "pck-crl", ca },
    ] as const
    const found = await Promise.all(items.map((item) => this.find(item, freshness)))
    const [tcbInfo, qeIdentity, rootCrl, pckCrl] = found
    return {
      tcbInfo: signed(tcbInfo),
      qeIdentity: signed(qeIdentity),
      rootCrl: rootCrl?.content?.body,
      pckCrl: pckCrl?.content?.body,
      problems: problemsOf(found),
    }
  }

  /** The same question twice at a time is one question. */
  find(item: Item, freshness: Freshness): Promise<Found> {
    const key = `${freshness} ${itemName(item)}`
    const running = this.#running.get(key)
    if (running !== undefined) return running
    const search = this.#search(item, freshness).finally(() => this.#running.delete(key))
    this.#running.set(key, search)
    return search
  }

  #findLeaf({ kind, ...query }: AmdQuery, freshness: Freshness): Promise<Found> {
    if (kind === "VLEK") return Promise.resolve(nothing("a VLEK certificate has to come with the evidence"))
    if (query.chipId.every((byte) => byte === 0)) {
      return Promise.resolve(nothing("the host masks the chip's identity, so AMD cannot be asked for its VCEK"))
    }
    return this.find(vcekItem(query), freshness)
  }

  async #search(item: Item, freshness: Freshness): Promise<Found> {
    const kept = await this.#readKept(item)
    const content = kept?.entry.content
    const now = this.#options.now()
    if (kept !== undefined && isFresh({ ...kept.entry, ...kept }, now, freshness))
      return { content, problem: undefined }
    if (freshness === "held") return { content, problem: undefined }
    if (!this.#options.offline) return this.#renew(item, kept)
    if (kept !== undefined && now <= kept.standing.until) return { content, problem: undefined }
    const state = kept === undefined ? "is not at hand" : `ended on ${kept.standing.until.toISOString()}`
    return { content, problem: this.#report(`${describeItem(item)} ${state}, and nobody is asked in offline mode`) }
  }

  async #renew(item: Item, kept: KeptEntry | undefined): Promise<Found> {
    const request = requestFor(item, this.#urls)
    const answer = await this.#ask(item, request)
    const outcome = answer.kind === "found" ? this.#judge(item, findContent(item, request, answer), kept) : answer
    if (outcome.kind === "taken") {
      await this.#write({ item, content: outcome.content, fetchedAt: this.#options.now() })
      return { content: outcome.content, problem: undefined }
    }
    const reason = outcome.kind === "absent" ? "it has no such thing (404)" : outcome.reason
    const problem = this.#report(`${request.vendor} did not provide ${describeItem(item)}: ${reason}`)
    return { content: kept?.entry.content, problem }
  }

  async #ask(item: Item, request: CollateralRequest): Promise<Answer> {
    const { fetch, now, budgetMs, events } = this.#options
    if (this.#absences.has(itemName(item), now())) return { kind: "absent" }
    const answer = await this.#gates[request.vendor].ask({
      origin: isNamedByEvidence(item) ? "evidence" : "common",
      deadline: new Date(now().getTime() + budgetMs),
      get: (timeoutMs) => {
        events.asking(`asking ${request.vendor} for ${describeItem(item)}`)
        return httpGet(request, { fetch, now, timeoutMs })
      },
    })
    if (answer.kind === "absent") this.#absences.add(itemName(item), now())
    return answer
  }

  /** Only what can be read, has begun and is no older than what is kept takes its place. */
  #judge(item: Item, content: Content | undefined, kept: KeptEntry | undefined): Taken | Unusable {
    const standing = content && findStanding(item, content)
    if (content === undefined || standing === undefined) return unusable("the answer cannot be read")
    if (standing.from > this.#options.now()) return unusable("the answer is not valid yet")
    if (kept !== undefined && isOlder(item, standing, kept.standing)) {
      return unusable(`the answer (${standing.from.toISOString()}) is older than what is kept`)
    }
    return { kind: "taken", content }
  }

  async #readKept(item: Item): Promise<KeptEntry | undefined> {
    try {
      const entry = await this.#options.cache.read(item)
      const standing = entry && findStanding(item, entry.content)
      return standing && { entry, standing }
    } catch (error) {
      this.#report(`the collateral cache cannot be read: ${systemCode(error) ?? "unexpected error"}`)
      return undefined
    }
  }

  async #write(entry: Entry): Promise<void> {
    try {
      await this.#options.cache.write(entry)
    } catch (error) {
      this.#report(`the collateral cache cannot be written: ${systemCode(error) ?? "unexpected error"}`)
    }
  }

  #report(problem: string): string {
    this.#options.events.problem(problem)
    return problem
  }
}

interface KeptEntry {
  readonly entry: Entry
  readonly standing: Standing
}

type Taken = { readonly kind: "taken"; readonly content: Content }
type Unusable = Extract<Answer, { kind: "unusable" }>

function unusable(reason: string): Unusable {
  return { kind: "unusable", reason }
}

function nothing(problem: string): Found {
  return { content: undefined, problem }
}

function signed(found: Found | undefined): SignedCollateral | undefined {
  const { body, issuerChain } = found?.content ?? {}
  return body && issuerChain && { body, issuerChain }
}

function problemsOf(found: readonly Found[]): readonly string[] {
  return found.flatMap(({ problem }) => problem ?? [])
}
