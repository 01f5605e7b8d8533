import { firstFailure, type Check } from "./verdict.ts"

/** What a check compares. */
export interface Comparison {
  /** The field, for example `report.vmpl`. */
  readonly subject: string
  readonly passed: boolean
  readonly expected: string | number | bigint
  readonly actual: string | number | bigint
  /** The place in the manifest that decides. */
  readonly manifest?: string
}

/** Collects the checks of one verdict. Nothing is decided by leaving a check out: what cannot be checked is `skipped`. */
export class Checklist<Code extends string> {
  readonly #checks: Check<Code>[] = []

  /** The checks so far, in the order in which they were made. */
  get checks(): readonly Check<Code>[] {
    return this.#checks
  }

  /** Takes down a check that was made. @returns whether it passed. */
  check(id: Code, { subject, passed, expected, actual, manifest }: Comparison): boolean {
    this.#checks.push({
      id,
      subject,
      outcome: passed ? "pass" : "fail",
      expected: String(expected),
      actual: String(actual),
      ...(manifest !== undefined && { manifest }),
    })
    return passed
  }

  /** Takes down that two numbers or texts must be the same. */
  equal(
    id: Code,
    subject: string,
    actual: Comparison["actual"],
    expected: Comparison["expected"],
    manifest?: string,
  ): boolean {
    return this.check(id, {
      subject,
      passed: actual === expected,
      expected,
      actual,
      ...(manifest !== undefined && { manifest }),
    })
  }

  /**
   * Takes down checks that could not be made because an earlier one failed.
   *
   * @param because - What can have been the reason; the first of them that failed is named.
   */
  skip(ids: readonly Code[], ...because: readonly [Code, ...Code[]]): void {
    const failed = new Set(this.#checks.flatMap(({ id, outcome }) => (outcome === "fail" ? [id] : [])))
    const [likely] = because
    const reason = because.find((code) => failed.has(code)) ?? firstFailure(this.#checks)?.id ?? likely
    for (const id of ids) {
      this.#checks.push({ id, subject: "", outcome: "skipped", expected: "", actual: "", because: reason })
    }
  }

  /** Takes down as skipped what nobody came to of all that a verdict has to hold. */
  complete(codes: readonly Code[]): void {
    const made = new Set(this.#checks.map(({ id }) => id))
    for (const code of codes) if (!made.has(code)) this.skip([code], code)
  }
}
