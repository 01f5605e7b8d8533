import type { IncomingMessage, ServerResponse } from "node:http"
import type { Socket } from "node:net"
import { performBatch, type Answer } from "./batch.ts"
import { readBody, type BodyBudget, type BodyLoan } from "./body.ts"
import { authorise } from "./client-identity.ts"
import { perform, type Engine } from "./engine.ts"
import type { Admission } from "./epoch.ts"
import { TransitError } from "./error.ts"
import { describeHealth, type Availability } from "./health.ts"
import { parseRequestBody } from "./request.ts"
import { parseRoute, type Route } from "./route.ts"

/** Their answers have no body (RFC 9110 §6.4.1). */
const BODILESS = [204, 304]

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
  /** Whether the other end has shown a certificate that is good now; whoever has not is not kept. */
  isIdentified(socket: Socket): boolean
  readonly bodies: BodyBudget
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
  const loan = context.bodies.lend()
  let label = "unknown"
  let answer: EncodedAnswer
  try {
    checkHeaders(request)
    const route = parseRoute(request.method ?? "", request.url ?? "")
    label = route.kind === "health" ? "health" : route.operation
    answer = encode(await answerRoute(context, route, request, loan))
    // Takes the place of the body and of all that was made of it, of which nothing is left.
    loan.take(answer.size)
  } catch (error) {
    answer = encode(refusal(context, error))
  }
  send(request, response, answer, mayStay(context, request, answer))
  endWithAnswer(loan, request, response)
  context.events.finished(label, answer.status, (performance.now() - started) / 1000)
}

/** What Node would refuse by itself, without the JSON of our refusals; it has answered `100-continue` already. */
function checkHeaders({ httpVersion, headers: { host, expect } }: IncomingMessage): void {
  if (host === undefined && httpVersion === "1.1") throw new TransitError("REQUEST", "the Host header is missing")
  if (expect !== undefined && expect.toLowerCase() !== "100-continue") {
    throw new TransitError("REQUEST", "expect must be 100-continue")
  }
}

async function answerRoute(
  context: HandlerContext,
  route: Route,
  request: IncomingMessage,
  loan: BodyLoan,
): Promise<Answer> {
  if (route.kind === "health") {
    return describeHealth(context.availability(), route.query, { now: context.now(), version: context.version })
  }
  const admit = (): Engine => {
    const { engine, identity } = requireAdmission(context, request)
    authorise(identity, route.name, context.now())
    return engine
  }
  admit()
  requireJson(request.headers["content-type"])
  const body = parseRequestBody(route.operation, await readBody(request, loan))
  // Whoever was welcome when the body began may not be when it ends, so they are looked at again before they are served.
  if (body.kind === "batch") return performBatch(admit, route.operation, route.name, body)
  return { status: 200, body: { data: perform(admit(), route.operation, route.name, body.fields) } }
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

function refusal(context: HandlerContext, error: unknown): Answer {
  if (error instanceof TransitError) return { status: error.status, body: { errors: [error.message] } }
  context.events.failed(error)
  return { status: 500, body: { errors: ["internal error"] } }
}

interface EncodedAnswer {
  readonly status: number
  readonly text: string
  readonly size: number
}

function encode({ status, body }: Answer): EncodedAnswer {
  const text = BODILESS.includes(status) ? "" : JSON.stringify(body)
  return { status, text, size: Buffer.byteLength(text) }
}

/** Whether the connection is kept for a next request. */
function mayStay(context: HandlerContext, request: IncomingMessage, { status }: EncodedAnswer): boolean {
  // What is left of an unread body must not be taken for the next request.
  return request.complete && status !== 503 && context.isIdentified(request.socket)
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, text, size }: EncodedAnswer,
  mayStay: boolean,
): void {
  const headers = ["Content-Type", "application/json", "Cache-Control", "no-store"]
  if (text !== "") headers.push("Content-Length", String(size))
  if (!mayStay) headers.push("Connection", "close")
  response.writeHead(status, headers)
  response.end(request.method === "HEAD" ? undefined : text)
}

/** An answer that its client does not read is in our memory still, so it counts until it has left. */
function endWithAnswer(loan: BodyLoan, request: IncomingMessage, response: ServerResponse): void {
  if (!loan.isLent() || request.socket.destroyed) {
    loan.end()
    return
  }
  response.once("close", () => {
    loan.end()
  })
}
