import type { PublicationRoots } from "@contrast/attestation"
import { type Answer, findContent } from "./answer.ts"
import type { Content } from "./entry.ts"
import type { CollateralEvents } from "./events.ts"
import { FruitlessQuestions } from "./fruitless.ts"
import { httpGet } from "./http-get.ts"
import { describeItem, isNamedByEvidence, type Item, itemName } from "./item.ts"
import { isFromVendor } from "./origin.ts"
import { type CollateralRequest, requestFor, type ServiceUrls, type Vendor } from "./request.ts"
import type { KeptEntry, Shelf } from "./shelf.ts"
import { findStanding, isOlder } from "./standing.ts"
import { type Pace, VendorGate } from "./vendor-gate.ts"

/** What questions are put with. */
export interface Questioning extends Pace {
  readonly urls: ServiceUrls
  readonly fetch: typeof globalThis.fetch
  /** How long one question may take, all waiting included. */
  readonly budgetMs: number
  readonly events: CollateralEvents
  readonly roots: PublicationRoots | undefined
  /** Ends all questions. */
  readonly signal: AbortSignal
}

/** One piece of collateral, or why there is none; both if it could not be renewed. */
export interface Found {
  readonly content: Content | undefined
  readonly problem: string | undefined
}

type Outcome = { readonly kind: "taken"; readonly entry: KeptEntry } | Exclude<Answer, { kind: "found" }>

/** Asks the vendors, and keeps what they answer if it is signed and no older than what is kept. */
export class Vendors {
  readonly #with: Questioning
  readonly #shelf: Shelf
  readonly #gates: Readonly<Record<Vendor, VendorGate>>
  readonly #running = new Map<string, Promise<Found>>()
  readonly #fruitless = new FruitlessQuestions()

  constructor(questioning: Questioning, shelf: Shelf) {
    this.#with = questioning
    this.#shelf = shelf
    this.#gates = { AMD: new VendorGate(questioning), Intel: new VendorGate(questioning) }
  }

  /** Asks for one item; who asks for it meanwhile gets the same answer. It does not throw. */
  renew(item: Item): Promise<Found> {
    const name = itemName(item)
    const running = this.#running.get(name)
    if (running !== undefined) return running
    const renewal = this.#renew(item).finally(() => this.#running.delete(name))
    this.#running.set(name, renewal)
    return renewal
  }

  /** Waits for all that was begun. */
  async settled(): Promise<void> {
    await Promise.all(this.#running.values())
  }

  async #renew(item: Item): Promise<Found> {
    const { urls, now, events, signal } = this.#with
    const request = requestFor(item, urls)
    const outcome = this.#fruitless.find(itemName(item), now()) ?? (await this.#fetch(item, request))
    if (outcome.kind === "taken") return { content: outcome.entry.content, problem: undefined }
    const problem = `${request.vendor} did not provide ${describeItem(item)}: ${reasonOf(outcome)}`
    if (!signal.aborted) events.problem(problem)
    return { content: (await this.#shelf.find(item))?.content, problem }
  }

  async #fetch(item: Item, request: CollateralRequest): Promise<Outcome> {
    const answer = await this.#ask(item, request)
    const outcome = await this.#judge(item, request, answer)
    if (outcome.kind === "taken") await this.#shelf.put(outcome.entry)
    else if (outcome.kind !== "later") this.#fruitless.add(itemName(item), outcome, this.#with.now())
    return outcome
  }

  #ask(item: Item, request: CollateralRequest): Promise<Answer> {
    const { fetch, now, budgetMs, events, signal } = this.#with
    return this.#gates[request.vendor].ask({
      origin: isNamedByEvidence(item) ? "evidence" : "common",
      deadline: new Date(now().getTime() + budgetMs),
      get: (timeoutMs) => {
        events.asking(`asking ${request.vendor} for ${describeItem(item)}`)
        return httpGet(request, { fetch, now, timeoutMs, signal })
      },
    })
  }

  /** Only what can be read, is its vendor's, has begun and is no older than what is kept takes its place. */
  async #judge(item: Item, request: CollateralRequest, answer: Answer): Promise<Outcome> {
    if (answer.kind !== "found") return answer
    const content = findContent(item, request, answer)
    const standing = content && findStanding(item, content)
    if (content === undefined || standing === undefined) return unusable("the answer cannot be read")
    if (!isFromVendor(item, content, this.#with.roots)) {
      return unusable("the answer is not signed by it, or is about something else")
    }
    const fetchedAt = this.#with.now()
    if (standing.from > fetchedAt) return unusable("the answer is not valid yet")
    // Read after the answer came: what was kept in the meantime counts, too.
    const kept = await this.#shelf.find(item)
    if (kept !== undefined && isOlder(item, standing, kept.standing)) {
      return unusable(`the answer (${standing.from.toISOString()}) is older than what is kept`)
    }
    return { kind: "taken", entry: { item, content, fetchedAt, standing } }
  }
}

function unusable(reason: string): Outcome {
  return { kind: "unusable", reason }
}

function reasonOf(outcome: Exclude<Outcome, { kind: "taken" }>): string {
  return outcome.kind === "absent" ? "it has no such thing (404)" : outcome.reason
}
