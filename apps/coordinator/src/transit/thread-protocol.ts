import type { MessagePort } from "node:worker_threads"
import type { LogFields } from "../log.ts"
import type { Subscription } from "./bulletin.ts"
import type { TransitLimits } from "./server.ts"

/** What a transit thread is started with. */
export interface ThreadData {
  readonly subscription: Subscription
  readonly limits: TransitLimits
  readonly version: string
}

/** What a transit thread can be asked to do. */
export type ThreadRequest =
  | { readonly kind: "listen"; readonly host: string; readonly port: number }
  | { readonly kind: "close"; readonly graceMs: number }
  | { readonly kind: "metrics" }
  | { readonly kind: "encryption-counts" }

/** A request with the port that takes the answer. */
export interface Asked {
  readonly request: ThreadRequest
  readonly answer: MessagePort
}

/** What comes back. Errors cross threads as their system code alone. */
export type ThreadAnswer = { readonly value: unknown } | { readonly errorCode: string | undefined }

/** A line for the log, which the main thread writes. */
export interface ThreadLogLine {
  readonly level: "error"
  readonly message: string
  readonly fields: LogFields
}
