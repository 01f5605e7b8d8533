import forge from "#forge-asn1"
import { decodeUtf8, encodeUtf8 } from "../bytes.ts"
import { CryptoError } from "../error.ts"
import { type DerElement, Tag, primitive } from "./der.ts"
import { contentOf, hasTag } from "./der-reading.ts"

/** RFC 5280 §4.1.2.5: UTCTime through the year 2049, GeneralizedTime from 2050 on. */
const FIRST_GENERALIZED_YEAR = 2050
const TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/
const SECOND_MS = 1000
const HOUR_MS = 60 * 60 * SECOND_MS

/** A Time; fractions of a second are dropped. */
export function time(date: Date): DerElement {
  return date.getUTCFullYear() < FIRST_GENERALIZED_YEAR
    ? primitive(Tag.utcTime, encodeUtf8(forge.dateToUtcTime(date)))
    : primitive(Tag.generalizedTime, encodeUtf8(forge.dateToGeneralizedTime(date)))
}

/**
 * The date of a Time.
 *
 * @throws {@link CryptoError} `DER` unless it is a real date, to the second, in UTC (RFC 5280 §4.1.2.5.1 and §4.1.2.5.2).
 */
export function parseTime(element: DerElement | undefined): Date {
  const isUtcTime = element !== undefined && hasTag(element, Tag.utcTime)
  const text = decodeUtf8(contentOf(element, isUtcTime ? Tag.utcTime : Tag.generalizedTime))
  const digits = isUtcTime ? withCentury(text) : text
  const iso = TIME.test(digits) ? digits.replace(TIME, "$1-$2-$3T$4:$5:$6.000Z") : ""
  const date = new Date(iso)
  // Date would move the 31st of February into March.
  if (Number.isNaN(date.getTime()) || date.toISOString() !== iso) {
    throw new CryptoError("DER", "expected a date as YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ")
  }
  return date
}

/** The time some hours later, or earlier when negative, to the second as certificates count. */
export function hoursAfter(date: Date, hours: number): Date {
  return toSeconds(date.getTime() + hours * HOUR_MS)
}

/** The same day and time some calendar years later, to the second; the 29th of February may become the 1st of March. */
export function yearsAfter(date: Date, years: number): Date {
  return toSeconds(new Date(date).setUTCFullYear(date.getUTCFullYear() + years))
}

function toSeconds(timeMs: number): Date {
  return new Date(Math.floor(timeMs / SECOND_MS) * SECOND_MS)
}

/** Two digits of a year from 50 on mean 19YY. */
function withCentury(text: string): string {
  return `${text >= "50" ? "19" : "20"}${text}`
}
