import { expect, test } from "@jest/globals"
import { encodeUtf8 } from "@contrast/crypto"
import { type ProgramCall, requireProgram, runProgram } from "../src/program.ts"
import { codeOf } from "./support/code-of.ts"

const shell = (script: string): ProgramCall => ({ file: "sh", arguments: ["-c", script], timeoutMs: 30_000 })

test("gives the exit code and what was printed", () => {
  const result = runProgram(shell("echo out; echo err >&2; exit 3"))

  expect(result).toStrictEqual({ exitCode: 3, stdout: "out\n", stderr: "err\n" })
})

test("hands the input over by a pipe", () => {
  expect(runProgram({ ...shell("cat"), input: encodeUtf8("secret") }).stdout).toBe("secret")
})

test("closes the input of a program that gets none", () => {
  expect(runProgram(shell("cat")).stdout).toBe("")
})

test("leaves it to a program whether it reads its input", () => {
  expect(runProgram({ ...shell("exec 0<&-"), input: new Uint8Array(1_000_000) }).exitCode).toBe(0)
})

test("shows a program nothing of the environment but the path, and untranslated messages", () => {
  process.env["LANG"] = "de_DE.UTF-8"

  const { stdout } = runProgram({ file: "env", arguments: [], timeoutMs: 30_000 })

  expect(stdout.split("\n").map((line) => line.split("=")[0])).toStrictEqual(["PATH", "LC_ALL", "DM_DISABLE_UDEV", ""])
})

test.each<[string, ProgramCall, string]>([
  ["is not there", { file: "no-such-program", arguments: [], timeoutMs: 1000 }, "PROGRAM_ABSENT"],
  ["takes too long", { ...shell("sleep 9"), timeoutMs: 50 }, "PROGRAM_TIMEOUT"],
  [
    "takes too long and ends in its own way",
    { ...shell("trap 'exit 1' TERM; sleep 9 & wait"), timeoutMs: 500 },
    "PROGRAM_TIMEOUT",
  ],
  [
    "takes too long and will not end",
    { ...shell("trap '' TERM; while :; do sleep 1; done"), timeoutMs: 500 },
    "PROGRAM_TIMEOUT",
  ],
  ["prints without end", shell("while :; do echo endless; done"), "PROGRAM_FAILED"],
  ["is ended by a signal", shell("kill -9 $$"), "PROGRAM_FAILED"],
])(
  "refuses a program that %s",
  (_name, call, code) => {
    expect(codeOf(() => runProgram(call))).toBe(code)
  },
  30_000,
)

test("does not wait for what a program has started once its time is up", () => {
  const startMs = performance.now()

  expect(codeOf(() => runProgram({ ...shell("sleep 25 & wait"), timeoutMs: 200 }))).toBe("PROGRAM_TIMEOUT")

  expect(performance.now() - startMs).toBeLessThan(20_000)
})

test("says what to look for when a program fails, if the caller knows", () => {
  const call = { ...shell("echo no such luck >&2; exit 5"), advice: "give it luck" }

  expect(() => requireProgram(call)).toThrow("sh -c failed with exit code 5: no such luck; give it luck")
})

test("says what a program said that had to succeed", () => {
  expect(() => requireProgram(shell("echo no such luck >&2; exit 5"))).toThrow(
    expect.objectContaining({
      code: "PROGRAM_FAILED",
      message: "sh -c failed with exit code 5: no such luck",
    }),
  )
})
