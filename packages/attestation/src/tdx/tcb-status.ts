import type { JsonObject } from "./json-object.ts"

/** What Intel says of a TCB level. */
export type TcbStatus =
  | "UpToDate"
  | "SWHardeningNeeded"
  | "ConfigurationNeeded"
  | "ConfigurationAndSWHardeningNeeded"
  | "OutOfDate"
  | "OutOfDateConfigurationNeeded"
  | "Revoked"

/** All of them. */
export const TCB_STATUSES: readonly TcbStatus[] = [
  "UpToDate",
  "SWHardeningNeeded",
  "ConfigurationNeeded",
  "ConfigurationAndSWHardeningNeeded",
  "OutOfDate",
  "OutOfDateConfigurationNeeded",
  "Revoked",
]

/** What Intel says of one part of a platform: of its firmware, its TDX module or its quoting enclave. */
export interface TcbRating {
  readonly status: TcbStatus
  /** The day that the level stands for, `YYYY-MM-DD`. */
  readonly tcbDate: string
  readonly advisories: readonly string[]
}

const DAY_CHARACTERS = 10

/** Reads what every TCB level has. */
export function readRating(level: JsonObject, known: readonly TcbStatus[] = TCB_STATUSES): TcbRating {
  const text = level.text("tcbStatus")
  const status = known.find((candidate) => candidate === text)
  if (status === undefined) throw new RangeError(`unknown status ${text.slice(0, 64)}`)
  const tcbDate = level.date("tcbDate").toISOString().slice(0, DAY_CHARACTERS)
  return { status, tcbDate, advisories: level.texts("advisoryIDs") }
}

/**
 * The status of a platform together with another part, TDX module or quoting enclave.
 *
 * @returns `undefined` for a status that the other part cannot have.
 */
export function combineStatus(first: TcbStatus, other: TcbStatus): TcbStatus | undefined {
  switch (other) {
    case "UpToDate":
      return first
    case "OutOfDate":
      return withOutOfDate(first)
    case "Revoked":
      return "Revoked"
    case "SWHardeningNeeded":
    case "ConfigurationNeeded":
    case "ConfigurationAndSWHardeningNeeded":
    case "OutOfDateConfigurationNeeded":
      return undefined
  }
}

function withOutOfDate(first: TcbStatus): TcbStatus {
  switch (first) {
    case "UpToDate":
    case "SWHardeningNeeded":
      return "OutOfDate"
    case "ConfigurationNeeded":
    case "ConfigurationAndSWHardeningNeeded":
      return "OutOfDateConfigurationNeeded"
    case "OutOfDate":
    case "OutOfDateConfigurationNeeded":
    case "Revoked":
      return first
  }
}

/** Whether the part needs an update. */
export function isOutOfDate(status: TcbStatus): boolean {
  return status === "OutOfDate" || status === "OutOfDateConfigurationNeeded"
}

/** A rating for people: `OutOfDate of 2023-08-09 (INTEL-SA-00960)`. */
export function describeRating({ status, tcbDate, advisories }: TcbRating): string {
  return `${status} of ${tcbDate}${advisories.length > 0 ? ` (${advisories.join(", ")})` : ""}`
}
