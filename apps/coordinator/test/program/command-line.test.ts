import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { createServer } from "node:net"
import { once } from "node:events"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "@jest/globals"
import { COORDINATOR } from "../support/deployment.ts"
import { CoordinatorProcess, type ProcessOptions } from "../support/coordinator-process.ts"

let directory: string
const started: CoordinatorProcess[] = []

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "coordinator-"))
})
afterEach(async () => {
  await Promise.all(started.splice(0).map((coordinator) => coordinator.kill("SIGKILL")))
  await rm(directory, { recursive: true })
})

test("tells all that can be configured", async () => {
  const { exitCode, output } = await run({ args: ["--help"] })

  expect(exitCode).toBe(0)
  const flags = ["data-dir", "user-listen", "mesh-listen", "probe-listen", "log-level", "insecure-host-data"]
  flags.push("collateral-dir", "amd-kds-url", "intel-pcs-url")
  for (const flag of flags) expect(output).toContain(`--${flag}`)
  for (const name of ["CONTRAST_ALLOW_INSECURE", "CONTRAST_METRICS", "CONTRAST_OFFLINE", "CONTRAST_DATA_DIR"])
    expect(output).toContain(name)
})

test("tells its version", async () => {
  expect(await run({ args: ["--version"] })).toEqual({ exitCode: 0, output: "0.1.0\n" })
})

test.each<[string, readonly string[], Record<string, string>, RegExp]>([
  ["an unknown flag", ["--data-dri", "x"], {}, /unknown option '--data-dri'/],
  ["an argument", ["serve"], {}, /too many arguments/],
  ["an address without port", ["--user-listen", "localhost"], {}, /--user-listen.*Expected host:port/],
  ["a port that is none", ["--mesh-listen", "localhost:65536"], {}, /--mesh-listen.*Expected host:port/],
  ["an unknown level", ["--log-level", "loud"], {}, /--log-level.*error, warn, info, debug/],
  ["a wrong variable", [], { CONTRAST_PROBE_LISTEN: "9102" }, /CONTRAST_PROBE_LISTEN/],
  ["a service of AMD that is none", ["--amd-kds-url", "kdsintf.amd.com"], {}, /http or https address of a service/],
  ["a no that would mean yes", [], { CONTRAST_ALLOW_INSECURE: "false" }, /would mean yes: leave it unset/],
  ["insecure host data without consent", ["--insecure-host-data", COORDINATOR.hash], {}, /CONTRAST_ALLOW_INSECURE/],
])("refuses %s as wrong usage", async (_what, args, env, message) => {
  const { exitCode, output } = await run({ args, env })

  expect(exitCode).toBe(2)
  expect(output).toMatch(message)
})

test("does not start without a platform to attest on", async () => {
  const { exitCode, output } = await run({ args: ["--data-dir", directory], env: {} })

  expect({ exitCode, code: lastLine(output)["code"] }).toEqual({ exitCode: 1, code: "PLATFORM" })
})

test.each([
  ["31 bytes", 31],
  ["33 bytes", 33],
])("does not start with host data of %s", async (_size, bytes) => {
  const file = join(directory, "hostdata")
  await writeFile(file, new Uint8Array(bytes))

  const { exitCode, output } = await run({ args: ["--data-dir", directory, "--insecure-host-data", file] })

  expect({ exitCode, code: lastLine(output)["code"] }).toEqual({ exitCode: 1, code: "HOST_DATA" })
})

test("says which port it could not have", async () => {
  const taken = createServer().listen(0, "127.0.0.1")
  await once(taken, "listening")
  const address = `127.0.0.1:${(taken.address() as { readonly port: number }).port}` // a TCP server has a port

  const args = ["--data-dir", directory, "--insecure-host-data", COORDINATOR.hash, "--probe-listen", address]
  const { exitCode, output } = await run({ args })

  taken.close()
  expect(exitCode).toBe(1)
  expect(lastLine(output)).toMatchObject({ code: "LISTEN", reason: `cannot listen on ${address} (probe): EADDRINUSE` })
})

async function run(options: ProcessOptions): Promise<{ readonly exitCode: unknown; readonly output: string }> {
  const coordinator = new CoordinatorProcess(options)
  started.push(coordinator)
  const exitCode = await coordinator.ended
  return { exitCode, output: coordinator.output }
}

function lastLine(output: string): Readonly<Record<string, unknown>> {
  return JSON.parse(output.trimEnd().split("\n").at(-1) ?? "{}") as Readonly<Record<string, unknown>> // a line of the log
}
