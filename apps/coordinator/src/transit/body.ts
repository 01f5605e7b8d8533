import type { IncomingMessage } from "node:http"
import { decodeUtf8 } from "@contrast/crypto"
import { MAX_EXTENT_BYTES, measureExtent } from "./body-extent.ts"
import { BodyParts } from "./body-parts.ts"
import { TransitError } from "./error.ts"

/** Largest request body. */
export const MAX_BODY_BYTES: number = 32 * 1024 * 1024

/**
 * Most that a request can need: its body with what is made of that. Its answer, which comes after, is smaller: as large as
 * the body, and a hundred bytes more for each item of a batch.
 */
export const MAX_LOAN_BYTES: number = MAX_BODY_BYTES + MAX_EXTENT_BYTES

/**
 * What every request may take, so that large bodies of one workload leave the small ones of others unharmed. A batch within
 * it is so small that it ends after a few turns, however many others there are.
 */
const FREE_BYTES = 64 * 1024

/** What a server may still hold of larger bodies, what is made of them, and their answers, which count until they have left. */
export class BodyBudget {
  #left: number

  constructor(bytes: number) {
    this.#left = bytes
  }

  /** For one request, to be ended when its answer has left. */
  lend(): BodyLoan {
    let taken = 0
    return {
      take: (size) => {
        const more = Math.max(0, size - FREE_BYTES) - taken
        if (more > this.#left) throw new TransitError("BUSY", "too many large bodies at a time; try again")
        this.#left -= more
        taken += more
      },
      isLent: () => taken > 0,
      end: () => {
        this.#left += taken
        taken = 0
      },
    }
  }
}

/** One request's part of a {@link BodyBudget}. */
export interface BodyLoan {
  /** @param size - Of the body so far, with what is made of it, or then of the answer. @throws {@link TransitError} `BUSY`; what was lent before stays. */
  take(size: number): void
  /** Whether it was more than every request may take. */
  isLent(): boolean
  end(): void
}

/**
 * Reads the body of a request as text that may be given to the parser: what will be made of it is lent, too.
 *
 * @throws {@link TransitError} `REQUEST`, `BODY_SIZE` or `BUSY`; the rest of the body is then left unread.
 */
export async function readBody(request: IncomingMessage, loan: BodyLoan): Promise<string> {
  const bytes = await readBytes(request, loan)
  const text = decode(bytes)
  loan.take(bytes.length + measureExtent(text))
  return text
}

/** By events: the asynchronous iterator of a stream costs as much as the rest of a small request. */
async function readBytes(request: IncomingMessage, loan: BodyLoan): Promise<Uint8Array> {
  checkSize(Number(request.headers["content-length"] ?? 0))
  const parts = new BodyParts()
  await new Promise<void>((resolve, reject) => {
    request.on("data", (part: Uint8Array) => {
      const size = parts.size + part.length
      try {
        checkSize(size)
        loan.take(size)
        parts.add(part)
      } catch (error) {
        request.pause()
        reject(bodyError(error))
      }
    })
    request.once("end", resolve)
    request.once("error", (cause) => {
      reject(bodyError(cause))
    })
  })
  return parts.join()
}

function checkSize(bytes: number): void {
  if (bytes > MAX_BODY_BYTES) throw new TransitError("BODY_SIZE", `the body may hold ${MAX_BODY_BYTES} bytes`)
}

function bodyError(cause: unknown): TransitError {
  if (cause instanceof TransitError) return cause
  // The client went away: nobody reads the answer, and it is no failure of ours.
  return new TransitError("REQUEST", "the body ended early", { cause })
}

function decode(bytes: Uint8Array): string {
  try {
    return decodeUtf8(bytes)
  } catch (cause) {
    throw new TransitError("REQUEST", "the body must be UTF-8", { cause })
  }
}
