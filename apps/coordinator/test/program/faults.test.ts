import { existsSync } from "node:fs"
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals"
import { CoordinatorProcess, type ProcessOptions, type ServingProcess } from "../support/coordinator-process.ts"
import { NumberedSets } from "../support/numbered-sets.ts"

/** Debian's fiu-run, on PATH or among the repository's fetched tools: it makes calls of the system fail on demand. */
const fiuRun = [...(process.env["PATH"] ?? "").split(delimiter), join(import.meta.dirname, "../../../../.cache/tools")]
  .map((folder) => join(folder, "fiu-run"))
  .find(existsSync)

const [describeWithFaults, hint] = fiuRun === undefined ? [describe.skip, " (skipped: no fiu-run)"] : [describe, ""]

describeWithFaults(`a disk that fails under a running Coordinator${hint}`, () => {
  let directory: string
  const started: CoordinatorProcess[] = []

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "coordinator-"))
  })
  afterEach(async () => {
    await Promise.all(started.splice(0).map((coordinator) => coordinator.kill("SIGKILL")))
    await rm(directory, { recursive: true })
  })

  test.each([["posix/io/sync/fsync"], ["posix/io/dir/rename"]])(
    "ends it when %s fails, with a good history",
    async (name) => {
      const sets = new NumberedSets()
      const control = join(directory, "control")
      const wrapper = [fiuRun ?? "", "-x", "-f", control]
      const { process, caller } = await serve({ wrapper })
      await sets.setNext(caller)
      await sets.setNext(caller)

      await command(directory, `enable name=${name}`)
      const set = sets.setNext(caller)

      await expect(set).rejects.toMatchObject({ name: "ProtocolError" })
      expect(await process.ended).toBe(1)
      expect(process.log.at(-1)).toMatchObject({ level: "error", code: "STORE_UNCERTAIN" })
      const { caller: next } = await serve()
      await sets.expectRecovered(next)
      await sets.setNext(next)
    },
  )

  test("ends it sooner or later when every tenth sync or rename fails, with a good history each time", async () => {
    const sets = new NumberedSets()
    const faults = ["posix/io/sync/fsync", "posix/io/dir/rename"].flatMap((name) => [
      "-c",
      `enable_random name=${name},probability=0.1`,
    ])
    const first = await serve()
    await sets.setNext(first.caller)
    await first.process.kill("SIGTERM")
    for (let round = 0; round < (globalThis.process.env["SLOW"] ? 50 : 3); round++) {
      const faulty = await serve({ wrapper: [fiuRun ?? "", "-x", "-f", "", ...faults] }).catch(() => undefined)
      if (faulty === undefined) continue // it could not even open the history
      await sets.expectRecovered(faulty.caller)
      await sets.setUntilFailure(faulty.caller).catch(() => undefined)
      expect(await faulty.process.ended).toBe(1)
      const good = await serve()
      await sets.expectRecovered(good.caller)
      await good.process.kill("SIGTERM")
    }
  }, 600_000)

  async function serve(options?: ProcessOptions): Promise<ServingProcess> {
    const serving = await CoordinatorProcess.serve(join(directory, "data"), options)
    started.push(serving.process)
    return serving
  }
})

/** Tells libfiu what to do, by the pipes that it made for the one process under it. */
async function command(directory: string, line: string): Promise<void> {
  const pipe = (await readdir(directory)).find((name) => name.endsWith(".in"))
  if (pipe === undefined) throw new Error("libfiu made no pipe")
  await writeFile(join(directory, pipe), `${line}\n`)
  const answer = await readFile(join(directory, pipe.replace(/in$/, "out")), "utf8")
  expect(answer.trim()).toBe("0")
}
