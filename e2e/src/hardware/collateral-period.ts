const HOUR_MS = 60 * 60 * 1000

/** A moment around now, to the second as certificates and lists count. */
export function hoursFromNow(hours: number): Date {
  return new Date(Math.floor(Date.now() / 1000) * 1000 + hours * HOUR_MS)
}

/** The same as Intel writes it in JSON. */
export function isoSeconds(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, "Z")
}
