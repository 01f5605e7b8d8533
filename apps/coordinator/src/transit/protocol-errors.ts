import type { Socket } from "node:net"
import { TransitError } from "./error.ts"
import type { Exchange, Exchanges } from "./exchanges.ts"

/** Refuses what the HTTP parser does not take, in its turn: a client would read it as the answer to what it asked before. */
export class ProtocolErrors {
  readonly #exchanges: Exchanges
  readonly #refused = new WeakSet<Socket>()

  constructor(exchanges: Exchanges) {
    this.#exchanges = exchanges
  }

  /** Answers once, after all that was asked on the connection before, and closes it. */
  refuse(socket: Socket, refusal: TransitError): void {
    if (!socket.writable) return void socket.destroy()
    if (this.#refused.has(socket)) return
    this.#refused.add(socket)
    const latest = this.#exchanges.latest(socket)
    if (latest === undefined || latest.response.writableFinished) return void socket.end(encodeAnswer(refusal))
    if (latest.request.complete) latest.response.once("finish", () => socket.end(encodeAnswer(refusal)))
    else breakOff(latest, refusal)
  }
}

/** What is wrong is the body of this request, so whoever reads that gives the answer. */
function breakOff({ request }: Exchange, refusal: TransitError): void {
  if (request.listenerCount("error") > 0) request.emit("error", refusal)
}

/** An error of Node's HTTP parser. */
export interface ParserError extends NodeJS.ErrnoException {
  /** What it was reading, and how far it came. */
  readonly rawPacket?: Buffer
  readonly bytesParsed?: number
}

const MESSAGES: ReadonlyMap<string, string> = new Map([
  ["ERR_HTTP_REQUEST_TIMEOUT", "the request took too long"],
  ["HPE_HEADER_OVERFLOW", "the headers are too long"],
])

/** What the parser's error means to the client. */
export function protocolError(error: ParserError): TransitError {
  const known = MESSAGES.get(error.code ?? "")
  if (known !== undefined) return new TransitError("REQUEST", known)
  // The parser says this of any garbage, too.
  const isMethod = error.code === "HPE_INVALID_METHOD" && stoppedInMethod(error)
  return isMethod ? new TransitError("METHOD", "no such method") : new TransitError("REQUEST", "malformed HTTP request")
}

/** Whether it stopped in the method of a request line that is as it should be. */
function stoppedInMethod({ rawPacket, bytesParsed = 0 }: ParserError): boolean {
  const line = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) \S+ HTTP\/1\.[01]\r\n/.exec(rawPacket?.toString("latin1") ?? "")
  return line?.[1] !== undefined && bytesParsed <= line[1].length
}

function encodeAnswer({ status, message }: TransitError): string {
  const body = JSON.stringify({ errors: [message] })
  const reason = status === 405 ? "Method Not Allowed" : "Bad Request"
  return (
    `HTTP/1.1 ${status} ${reason}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
    `Connection: close\r\n\r\n${body}`
  )
}
