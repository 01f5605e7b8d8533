import { expect, test } from "@jest/globals"
import { whenFree } from "../src/busy.ts"
import { InitializerError } from "../src/error.ts"
import { codeOfAsync } from "./support/code-of.ts"

const inUse = () => new InitializerError("PROGRAM_FAILED", "target is busy")

test("tries again while something is in use, and not once more", async () => {
  const answers = [inUse(), undefined, inUse()]

  await whenFree("the volume", () => Promise.resolve(answers.shift()))

  expect(answers).toHaveLength(1)
})

test("gives up when the time is up, and says what was still in use", async () => {
  await expect(whenFree("the volume", () => Promise.resolve(inUse()), 0)).rejects.toMatchObject({
    code: "VOLUME_BUSY",
    cause: { message: "target is busy" },
  })
})

test("does not wait for what is not busy but fails", async () => {
  const failure = new InitializerError("PROGRAM_ABSENT", "the program umount is not installed")

  expect(await codeOfAsync(() => whenFree("the volume", () => Promise.reject(failure)))).toBe("PROGRAM_ABSENT")
})
