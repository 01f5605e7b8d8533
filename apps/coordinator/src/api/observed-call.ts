import { status, type handleUnaryCall, type ServerUnaryCall } from "@grpc/grpc-js"
import { errorCodeOf, statusOf, unaryHandler } from "@contrast/protocol"
import { describeFailure } from "../failure.ts"
import { LineAllowance } from "../line-allowance.ts"
import type { Log, LogFields } from "../log.ts"
import type { Metrics } from "../metrics.ts"

/** What sees every call come and go. */
export interface Observer {
  readonly log: Log
  readonly metrics: Metrics
}

/** A method, by the names that metrics and log use. */
export interface MethodName {
  /** As in `edgelesssys.contrast.userapi.UserAPI`. */
  readonly service: string
  readonly method: string
}

/** A gRPC handler that is counted, timed and logged. Requests and answers never reach the log. */
export function observedCall<Request, Response>(
  { log, metrics }: Observer,
  { service, method }: MethodName,
  handle: (call: ServerUnaryCall<Request, Response>) => Promise<Response>,
): handleUnaryCall<Request, Response> {
  const lines = new LineAllowance()
  return unaryHandler(async (call) => {
    const startedAt = performance.now()
    const finish = (code: status): LogFields => {
      const durationMs = performance.now() - startedAt
      metrics.callFinished({ service, method, status: statusName(code), seconds: durationMs / 1000 })
      return { method, status: statusName(code), durationMs: Math.round(durationMs), peer: call.getPeer() }
    }
    metrics.callStarted(service, method)
    try {
      const response = await handle(call)
      log.debug("call answered", finish(status.OK))
      return response
    } catch (error) {
      logFailure({ log, lines }, finish(statusOf(errorCodeOf(error)).grpc), error)
      throw error
    }
  })
}

interface FailureLog {
  readonly log: Log
  readonly lines: LineAllowance
}

const SERVER_ERROR = 500

/** A refusal is the caller's affair; that something broke is ours. Anybody can cause either, as often as they like. */
function logFailure({ log, lines }: FailureLog, call: LogFields, error: unknown): void {
  const code = errorCodeOf(error)
  const leftOut = lines.take(code)
  if (leftOut === undefined) return
  const fields = { ...call, ...describeFailure(error), ...(leftOut > 0 && { leftOut }) }
  if (statusOf(code).http === SERVER_ERROR) log.error("call failed", fields)
  else log.info("call refused", fields)
}

/** The status in the spelling of gRPC for Go, which dashboards know: `FailedPrecondition`. */
function statusName(code: status): string {
  if (code === status.OK) return "OK"
  const words = status[code].toLowerCase().split("_")
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("")
}
