/** Suites that need the test machine. */
import { describe, jest } from "@jest/globals"
import { type Parts, provideParts } from "./parts.ts"

/** What a slow machine may take for one test. */
const LIMIT_MS = 15 * 60_000

const parts = await provideParts()
if (typeof parts === "string" && process.env["CONTRAST_REQUIRE"] === "all") throw new Error(parts)

/**
 * Describes a suite with the parts of the machine, or says in its title why it is skipped. With CONTRAST_REQUIRE=all nothing
 * is: the suite then fails as it loads.
 */
export function describeWithMachine(title: string, body: (parts: Parts) => void): void {
  jest.setTimeout(LIMIT_MS)
  if (typeof parts !== "string") {
    describe(title, () => {
      body(parts)
    })
    return
  }
  describe.skip(`${title} (skipped: ${parts})`, () => {
    body({} as Parts) // lists the tests; none of them runs
  })
}
