import type { Answer } from "./batch.ts"
import { TransitError } from "./error.ts"

/** Whether the Coordinator can serve: it has a state, has never had one, or waits for recovery. */
export type Availability = "active" | "uninitialised" | "needs-recovery"

/** The default status and the query parameter that overrides it, as in Vault's `sys/health`. */
const STATUS: Readonly<Record<Availability, { readonly status: number; readonly parameter: string }>> = {
  active: { status: 200, parameter: "activecode" },
  uninitialised: { status: 501, parameter: "uninitcode" },
  "needs-recovery": { status: 503, parameter: "sealedcode" },
}

const PARAMETERS: readonly string[] = Object.values(STATUS).map(({ parameter }) => parameter)

/**
 * Answers `/v1/sys/health`.
 *
 * @throws {@link TransitError} `REQUEST` for an unknown parameter or a status outside 200 to 599.
 */
export function describeHealth(
  availability: Availability,
  query: URLSearchParams,
  { now, version }: { readonly now: Date; readonly version: string },
): Answer {
  for (const [parameter, value] of query) checkOverride(parameter, value)
  const { status, parameter } = STATUS[availability]
  return {
    status: Number(query.get(parameter) ?? status),
    body: {
      initialized: availability !== "uninitialised",
      sealed: availability !== "active",
      standby: false,
      version,
      server_time_utc: Math.floor(now.getTime() / 1000),
    },
  }
}

function checkOverride(parameter: string, value: string): void {
  if (!PARAMETERS.includes(parameter)) {
    throw new TransitError("REQUEST", `unknown query parameter; known are ${PARAMETERS.join(", ")}`)
  }
  if (!/^[2-5][0-9]{2}$/.test(value)) throw new TransitError("REQUEST", `${parameter} must be a status from 200 to 599`)
}
