import { mkdtemp, readdir, rm, stat } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "@jest/globals"
import { CoordinatorProcess, type ProcessOptions, type ServingProcess } from "../support/coordinator-process.ts"
import { COORDINATOR, DATABASE, manifestOf, policyOf, WEB } from "../support/deployment.ts"

let directory: string
const started: CoordinatorProcess[] = []

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "coordinator-"))
})
afterEach(async () => {
  await Promise.all(started.splice(0).map((coordinator) => coordinator.kill("SIGKILL")))
  await rm(directory, { recursive: true })
})

test("serves, says that it is insecure, and stops when it is told", async () => {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    const { process } = await serve()
    expect(process.log.some(({ level, msg }) => level === "warn" && String(msg).startsWith("INSECURE"))).toBe(true)

    expect(await process.kill(signal)).toBe(0)

    expect(process.log.at(-1)).toMatchObject({ msg: "stopped" })
  }
})

test("keeps all that it writes to its owner", async () => {
  const { caller } = await serve()
  await caller.set()

  for (const path of await readdir(directory, { recursive: true })) {
    expect((await stat(join(directory, path))).mode & 0o077).toBe(0)
  }
})

test("is one of two Coordinators on a directory, and the other is told so", async () => {
  const first = await serve()
  const second = new CoordinatorProcess({ args: ["--data-dir", directory, "--insecure-host-data", COORDINATOR.hash] })

  expect(await second.ended).toBe(5)

  expect(second.log.at(-1)).toMatchObject({
    code: "DIRECTORY_IN_USE",
    reason: "another Coordinator owns this data directory",
  })
  await first.caller.set()
  await first.process.kill("SIGKILL")
  const third = await serve()
  await expect(third.caller.getManifests()).rejects.toMatchObject({ code: "NEEDS_RECOVERY" })
})

test("serves metrics where they are wanted", async () => {
  const quiet = await serve()
  expect((await fetch(`http://127.0.0.1:${quiet.caller.ports.probe}/metrics`)).status).toBe(404)
  await quiet.process.kill("SIGTERM")

  const measured = await serve({ env: { CONTRAST_ALLOW_INSECURE: "1", CONTRAST_METRICS: "" } })
  expect((await fetch(`http://127.0.0.1:${measured.caller.ports.probe}/metrics`)).status).toBe(200)
})

test("refuses a set on a full disk, changes nothing, and lives on", async () => {
  // No file may grow beyond some kilobytes; the signal that comes with that is ignored, as on a disk without space.
  const wrapper = ["sh", "-c", `trap "" XFSZ; ulimit -f 16; exec "$0" "$@"`]
  const { caller, process } = await serve({ wrapper })
  const large = policyOf("x".repeat(100_000))
  const Manifest = manifestOf({
    Policies: { [COORDINATOR.hash]: { Role: "coordinator" }, [large.hash]: { SANs: ["large"] } },
  })

  const set = caller.set({ Manifest, Policies: [COORDINATOR.bytes, large.bytes] })

  await expect(set).rejects.toMatchObject({ code: "STORE_FULL", message: expect.stringContaining("disk is full") })
  const left = await readdir(join(directory, "history"), { recursive: true })
  expect(left.sort()).toEqual(["manifests", "policies", "transitions"])
  await caller.set({ Policies: [COORDINATOR.bytes, WEB.bytes, DATABASE.bytes] })
  expect(await process.kill("SIGTERM")).toBe(0)
})

async function serve(options?: ProcessOptions): Promise<ServingProcess> {
  const serving = await CoordinatorProcess.serve(directory, options)
  started.push(serving.process)
  return serving
}
