/** The part of jest's --json file that we read. */
interface JestJson {
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly message: string
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[]
  }[]
}

export interface Skipped {
  readonly file: string
  readonly title: string
}

export interface TestCounts {
  readonly passed: number
  readonly failed: number
  readonly skipped: readonly Skipped[]
}

/** Reads what jest counted. A file that did not even load holds no tests, so it counts as one failure. */
export function readJestReport(text: string): TestCounts {
  const report = JSON.parse(text) as JestJson // jest wrote it a moment ago
  const tests = report.testResults.flatMap((file) =>
    file.assertionResults.map((test) => ({ file: file.name, title: test.fullName, status: test.status })),
  )
  const broken = report.testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  )
  const passed = tests.filter((test) => test.status === "passed").length
  const failed = tests.filter((test) => test.status === "failed").length + broken.length
  const skipped = tests.filter((test) => test.status !== "passed" && test.status !== "failed")
  return { passed, failed, skipped: skipped.map(({ file, title }) => ({ file, title })) }
}

/** Long modes are asked for by hand; every other skipped test means that something this machine should have is missing. */
export function isLongMode(test: Skipped): boolean {
  return test.title.includes("SLOW=1")
}
