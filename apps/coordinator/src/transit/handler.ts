import type { IncomingMessage, ServerResponse } from "node:http"
import type { Socket } from "node:net"
import { decodeUtf8 } from "@contrast/crypto"
import { performBatch, type Answer } from "./batch.ts"
import { authorise } from "./client-identity.ts"
import { perform } from "./engine.ts"
import type { Admission } from "./epoch.ts"
import { TransitError } from "./error.ts"
import { describeHealth, type Availability } from "./health.ts"
import { parseRequestBody } from "./request.ts"
import { parseRoute, type Route } from "./route.ts"

/** Largest request body. */
export const MAX_BODY_BYTES: number = 32 * 1024 * 1024

/** Told about requests. */
export interface RequestEvents {
  /** @param route - A label of few values. */
  finished(route: string, status: number, seconds: number): void
  /** An error that is ours. */
  failed(error: unknown): void
}

/** What a request is answered from. */
export interface HandlerContext {
  availability(): Availability
  /** Who asks, and what to serve them with; absent if the state changed since the connection was made. */
  admit(socket: Socket): Admission | undefined
  readonly now: () => Date
  readonly version: string
  readonly events: RequestEvents
}

/** Answers one HTTP request. Never throws. */
export async function handle(
  context: HandlerContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const started = performance.now()
  let label = "unknown"
  let answer: Answer
  try {
    const route = parseRoute(request.method ?? "", request.url ?? "")
    label = route.kind === "health" ? "health" : route.operation
    answer = await answerRoute(context, route, request)
  } catch (error) {
    answer = refusal(context, error)
  }
  const status = send(request, response, answer)
  context.events.finished(label, status, (performance.now() - started) / 1000)
}

async function answerRoute(context: HandlerContext, route: Route, request: IncomingMessage): Promise<Answer> {
  if (route.kind === "health") {
    return describeHealth(context.availability(), route.query, { now: context.now(), version: context.version })
  }
  const { engine, identity } = requireAdmission(context, request)
  authorise(identity, route.name, context.now())
  requireJson(request.headers["content-type"])
  const body = parseRequestBody(route.operation, decodeBody(await readBody(request)))
  if (body.kind === "batch") return performBatch(engine, route.operation, route.name, body)
  return { status: 200, body: { data: perform(engine, route.operation, route.name, body.fields) } }
}

function requireAdmission(context: HandlerContext, request: IncomingMessage): Admission {
  const availability = context.availability()
  if (availability === "uninitialised") throw new TransitError("UNINITIALISED", "no manifest has been set")
  if (availability === "needs-recovery") throw new TransitError("NEEDS_RECOVERY", "the Coordinator needs recovery")
  const admission = context.admit(request.socket)
  if (admission === undefined) {
    throw new TransitError("NEEDS_RECOVERY", "the manifest changed after this connection was made; connect again")
  }
  return admission
}

function requireJson(contentType: string | undefined): void {
  if (contentType !== undefined && !/^application\/json\s*(;|$)/i.test(contentType)) {
    throw new TransitError("REQUEST", "content type must be application/json")
  }
}

/** By events: the asynchronous iterator of a stream costs as much as the rest of a small request. */
async function readBody(request: IncomingMessage): Promise<Uint8Array> {
  if (Number(request.headers["content-length"] ?? 0) > MAX_BODY_BYTES) throw bodySize()
  const parts: Uint8Array[] = []
  let size = 0
  await new Promise<void>((resolve, reject) => {
    request.on("data", (part: Uint8Array) => {
      size += part.length
      if (size > MAX_BODY_BYTES) {
        request.pause()
        reject(bodySize())
      } else {
        parts.push(part)
      }
    })
    request.once("end", resolve)
    // The client went away or was too slow; nobody reads the answer, and it is no failure of ours.
    request.once("error", (cause) => {
      reject(new TransitError("REQUEST", "the body ended early", { cause }))
    })
  })
  const [only] = parts
  return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts, size)
}

function bodySize(): TransitError {
  return new TransitError("BODY_SIZE", `the body may hold ${MAX_BODY_BYTES} bytes`)
}

function decodeBody(bytes: Uint8Array): string {
  try {
    return decodeUtf8(bytes)
  } catch (cause) {
    throw new TransitError("REQUEST", "the body must be UTF-8", { cause })
  }
}

function refusal(context: HandlerContext, error: unknown): Answer {
  if (error instanceof TransitError) return { status: error.status, body: { errors: [error.message] } }
  context.events.failed(error)
  return { status: 500, body: { errors: ["internal error"] } }
}

function send(request: IncomingMessage, response: ServerResponse, { status, body }: Answer): number {
  const text = JSON.stringify(body)
  const headers = ["Content-Type", "application/json", "Cache-Control", "no-store"]
  headers.push("Content-Length", String(Buffer.byteLength(text)))
  // What is left of an unread body must not be taken for the next request.
  if (!request.complete || status === 503) headers.push("Connection", "close")
  response.writeHead(status, headers)
  response.end(request.method === "HEAD" ? undefined : text)
  return status
}
