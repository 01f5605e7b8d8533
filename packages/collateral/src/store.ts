import { setTimeout } from "node:timers/promises"
import type {
  AmdCollateral,
  AmdQuery,
  CollateralSource,
  Freshness,
  IntelCollateral,
  IntelQuery,
  PublicationRoots,
  SignedCollateral,
} from "@contrast/attestation"
import { encodeHex } from "@contrast/crypto"
import type { Cache } from "./cache.ts"
import { type CollateralEvents, SILENT } from "./events.ts"
import { describeItem, type Item, vcekItem } from "./item.ts"
import { isFresh, type Moment } from "./renewal.ts"
import { serviceUrls } from "./request.ts"
import { type KeptEntry, Shelf } from "./shelf.ts"
import { findStanding } from "./standing.ts"
import type { Pace } from "./vendor-gate.ts"
import { type Found, Vendors } from "./vendors.ts"

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
  /** The moment that evidence is judged for. The default is now; it neither paces questions nor dates what they bring. */
  readonly judgedAt?: () => Date
  /** Whose signatures count. The default is AMD's and Intel's; no program passes others. */
  readonly roots?: PublicationRoots
  /** Told of each question to a vendor, and of each problem. Names no chip. */
  readonly events?: CollateralEvents
}

/** Collateral from the vendors' services, with a cache in front. It never throws on what a service or the cache does. */
export interface CollateralStore extends CollateralSource {
  find(item: Item, freshness: Freshness): Promise<Found>
  /** Ends all questions, and waits until what came is kept. Only what is kept answers from then on. */
  close(): Promise<void>
}

type Statement = Extract<Item, { kind: "tcb-info" | "qe-identity" }>

const BUDGET_MS = 20_000
const ABSENT = { evaluation: 0, until: new Date(0) }
const NOT_WANTED: Found = { content: undefined, problem: undefined }

/**
 * Creates a store. One for each process: it is what asks a vendor one question at a time. What is kept and still valid
 * answers at once, and is renewed in the background when it is time; so the store has to be closed in the end.
 *
 * @throws {@link CollateralError} `URL`.
 */
export function createCollateralStore(options: CollateralOptions): CollateralStore {
  return new Store(options)
}

class Store implements CollateralStore {
  readonly #shelf: Shelf
  readonly #vendors: Vendors
  readonly #events: CollateralEvents
  readonly #offline: boolean
  readonly #moment: () => Moment
  readonly #end = new AbortController()

  constructor(options: CollateralOptions) {
    const { cache, roots, events = SILENT, now = () => new Date(), judgedAt = now } = options
    this.#events = events
    this.#offline = options.offline ?? false
    this.#moment = () => ({ now: now(), judgedAt: judgedAt() })
    this.#shelf = new Shelf(cache, roots, events)
    const questioning = {
      urls: serviceUrls(options),
      fetch: options.fetch ?? globalThis.fetch,
      budgetMs: options.budgetMs ?? BUDGET_MS,
      sleep: options.sleep ?? ((ms, signal) => setTimeout(ms, undefined, { signal })),
      random: options.random ?? Math.random,
      signal: this.#end.signal,
      ...{ now, events, roots },
    }
    this.#vendors = new Vendors(questioning, this.#shelf)
  }

  async amd(query: AmdQuery, freshness: Freshness): Promise<AmdCollateral> {
    const { line, kind: signer, wanted } = query
    const [leaf, crl] = await Promise.all([
      wanted.leaf ? this.#findLeaf(query, freshness) : NOT_WANTED,
      this.find({ kind: "amd-crl", line, signer }, wanted.crl ? freshness : "held"),
    ])
    return { leaf: leaf.content?.body, crl: crl.content?.body, problems: problemsOf([leaf, crl]) }
  }

  async intel({ fmspc, ca, minimumEvaluation }: IntelQuery, freshness: Freshness): Promise<IntelCollateral> {
    const found = await Promise.all([
      this.#findStatement({ kind: "tcb-info", fmspc: encodeHex(fmspc) }, minimumEvaluation, freshness),
      this.#findStatement({ kind: "qe-identity" }, minimumEvaluation, freshness),
      this.find({ kind: "root-crl" }, freshness),
      this.find({ kind: "pck-crl", ca }, freshness),
    ])
    const [tcbInfo, qeIdentity, rootCrl, pckCrl] = found
    return {
      tcbInfo: signed(tcbInfo),
      qeIdentity: signed(qeIdentity),
      rootCrl: rootCrl.content?.body,
      pckCrl: pckCrl.content?.body,
      problems: problemsOf(found),
    }
  }

  async find(item: Item, freshness: Freshness): Promise<Found> {
    const kept = await this.#shelf.find(item)
    const moment = this.#moment()
    if (kept === undefined ? freshness === "held" : isFresh(kept, moment, freshness)) return just(kept)
    const isValid = kept !== undefined && moment.judgedAt <= kept.standing.until
    if (this.#offline) return isValid || freshness === "held" ? just(kept) : this.#makeDo(item, kept)
    const renewal = this.#vendors.renew(item)
    return freshness === "held" || (isValid && freshness === "cached") ? just(kept) : renewal
  }

  async close(): Promise<void> {
    this.#end.abort()
    await this.#vendors.settled()
  }

  /**
   * What Intel holds to be the standard is months behind its newest: who demands more, or had more until it ended, has to ask
   * for that very number.
   */
  async #findStatement(item: Statement, minimum: number, freshness: Freshness): Promise<Found> {
    const standard = await this.find(item, freshness)
    const { evaluation, until } = (standard.content && findStanding(item, standard.content)) ?? ABSENT
    const hasEnded = this.#moment().judgedAt > until
    if (evaluation >= minimum && (!hasEnded || evaluation === 0)) return standard
    const numbered = await this.find({ ...item, evaluation: Math.max(evaluation, minimum) }, freshness)
    return numbered.content === undefined ? { ...standard, problem: numbered.problem ?? standard.problem } : numbered
  }

  #findLeaf({ kind, ...query }: AmdQuery, freshness: Freshness): Promise<Found> {
    if (kind === "VLEK") return Promise.resolve(nothing("a VLEK certificate has to come with the evidence"))
    if (query.chipId.every((byte) => byte === 0)) {
      return Promise.resolve(nothing("the host masks the chip's identity, so AMD cannot be asked for its VCEK"))
    }
    return this.find(vcekItem(query), freshness)
  }

  #makeDo(item: Item, kept: KeptEntry | undefined): Found {
    const state = kept === undefined ? "is not at hand" : `ended on ${kept.standing.until.toISOString()}`
    const problem = `${describeItem(item)} ${state}, and nobody is asked in offline mode`
    this.#events.problem(problem)
    return { content: kept?.content, problem }
  }
}

function just(kept: KeptEntry | undefined): Found {
  return { content: kept?.content, problem: undefined }
}

function nothing(problem: string): Found {
  return { content: undefined, problem }
}

function signed({ content }: Found): SignedCollateral | undefined {
  const { body, issuerChain } = content ?? {}
  return body && issuerChain && { body, issuerChain }
}

function problemsOf(found: readonly Found[]): readonly string[] {
  return found.flatMap(({ problem }) => problem ?? [])
}
