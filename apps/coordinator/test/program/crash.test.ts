import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { afterEach, beforeEach, expect, test } from "@jest/globals"
import { CoordinatorProcess } from "../support/coordinator-process.ts"
import { NumberedSets } from "../support/numbered-sets.ts"

const ROUNDS = process.env["SLOW"] ? 100 : 6
const LONGEST_ROUND_MS = 400

let directory: string
let running: CoordinatorProcess | undefined

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "coordinator-"))
})
afterEach(async () => {
  await running?.kill("SIGKILL")
  await rm(directory, { recursive: true })
})

test("holds every acknowledged manifest, and nothing half done, however often it is killed", async () => {
  const sets = new NumberedSets()
  for (let round = 0; round < ROUNDS; round++) {
    const { process, caller } = await CoordinatorProcess.serve(directory)
    running = process
    if (round === 0) await sets.setNext(caller)
    else await sets.expectRecovered(caller)

    const setting = sets.setUntilFailure(caller)
    void delay(Math.random() * LONGEST_ROUND_MS).then(() => process.kill("SIGKILL"))

    await expect(setting).rejects.toMatchObject({ name: "ProtocolError" })
    expect(await process.ended).toBe("SIGKILL")
  }
  expect(sets.acknowledged).toBeGreaterThan(1)
}, 600_000)
