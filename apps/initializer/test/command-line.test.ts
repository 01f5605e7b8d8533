import { afterEach, beforeEach, expect, test } from "@jest/globals"
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { execa } from "execa"
import { issueAnswer, startMeshServer } from "./support/mesh-server.ts"

const PROGRAM = path.resolve(import.meta.dirname, "../src/main.ts")
const LIMIT_MS = 60_000

let rootDir: string

beforeEach(async () => {
  rootDir = await mkdtemp(path.join(tmpdir(), "initializer-"))
})

afterEach(async () => {
  await rm(rootDir, { recursive: true })
})

function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const options = { env: { PATH: rootDir, ...env }, extendEnv: false, reject: false, cwd: rootDir } as const
  return execa(
    process.execPath,
    [PROGRAM, "--root-dir", rootDir, "--insecure-host-data", "07".repeat(32), ...args],
    options,
  )
}

test.each([["--help"], ["cryptsetup", "--help"], ["--version"]])(
  "answers %s on standard output",
  async (...args) => {
    const { exitCode, stdout, stderr } = await run(args)

    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/Usage: contrast-initializer|^\d+\.\d+\.\d+$/)
    expect(stderr).toBe("")
  },
  LIMIT_MS,
)

test.each<[string, readonly string[], Readonly<Record<string, string>>]>([
  ["no Coordinator", [], {}],
  ["a Coordinator that is no host", [], { COORDINATOR_HOST: "a b" }],
  ["an unknown log level", [], { COORDINATOR_HOST: "a", CONTRAST_LOG_LEVEL: "loud" }],
  ["an unknown format rule", [], { COORDINATOR_HOST: "a", CRYPTSETUP_FORMAT: "always" }],
  ["an unknown flag", ["--unknown"], { COORDINATOR_HOST: "a" }],
  ["an unknown command", ["mount"], { COORDINATOR_HOST: "a" }],
  ["cryptsetup without a mount point", ["cryptsetup", "-d", "/dev/csi0"], {}],
])(
  "ends with exit code 2 on %s, and says so",
  async (_name, args, env) => {
    const { exitCode, stdout, stderr } = await run(args, env)

    expect(exitCode).toBe(2)
    expect(stdout).toBe("")
    expect(stderr).not.toBe("")
  },
  LIMIT_MS,
)

test(
  "ends with exit code 1 and a coded line when it is stopped before it has a certificate",
  async () => {
    const running = run([], { COORDINATOR_HOST: "127.0.0.1:1" })
    running.stderr.once("data", () => running.kill("SIGTERM"))

    const { exitCode, stderr } = await running

    expect(exitCode).toBe(1)
    expect(JSON.parse(stderr.split("\n").at(-1) ?? "")).toMatchObject({ level: "error", code: "STOPPED" })
  },
  LIMIT_MS,
)

test(
  "leaves the files and its mark, and ends",
  async () => {
    const mesh = await startMeshServer((client) => issueAnswer(client, new Uint8Array(64).fill(0xab)))

    const { exitCode, stderr } = await run([], { COORDINATOR_HOST: mesh.address, CONTRAST_LOG_LEVEL: "debug" })
    await mesh.server.close(0)

    expect(exitCode).toBe(0)
    expect((await stat(path.join(rootDir, "done"))).size).toBe(0)
    expect((await stat(path.join(rootDir, "contrast/secrets/workload-secret-seed"))).mode & 0o777).toBe(0o400)
    expect(stderr).not.toContain("abab")
  },
  LIMIT_MS,
)

test(
  "does not say that it is done when the firewall cannot be opened, for want of iptables",
  async () => {
    const mesh = await startMeshServer((client) => issueAnswer(client, new Uint8Array(0)))

    const { exitCode, stderr } = await run([], {
      COORDINATOR_HOST: mesh.address,
      CONTRAST_SERVICE_MESH_DISABLED: "true",
    })
    await mesh.server.close(0)

    expect(exitCode).toBe(1)
    expect(stderr).toContain('"code":"FIREWALL"')
    await expect(stat(path.join(rootDir, "done"))).rejects.toThrow("ENOENT")
  },
  LIMIT_MS,
)

test(
  "removes the default-deny rule that iptables lists, wherever it stands",
  async () => {
    const calls = path.join(rootDir, "calls")
    const rule = "INPUT -m conntrack ! --ctstate RELATED,ESTABLISHED -j DROP"
    const script = `#!/bin/sh\necho "$@" >> ${calls}\n[ "$3" != -S ] || printf '%s\\n' '-P INPUT ACCEPT' '-A ${rule}'\n`
    await writeFile(path.join(rootDir, "iptables-legacy"), script, { mode: 0o755 })
    const mesh = await startMeshServer((client) => issueAnswer(client, new Uint8Array(0)))

    const { exitCode } = await run([], { COORDINATOR_HOST: mesh.address, CONTRAST_SERVICE_MESH_DISABLED: "true" })
    await mesh.server.close(0)

    expect(exitCode).toBe(0)
    expect((await execa("cat", [calls])).stdout).toBe(`--wait 10 -S INPUT\n--wait 10 -D ${rule}`)
  },
  LIMIT_MS,
)

test(
  "removes the rule from both kinds of tables where the kernel has both, and nothing else, with open-ports",
  async () => {
    const calls = path.join(rootDir, "calls")
    const rule = "INPUT -m state ! --state RELATED,ESTABLISHED -j DROP"
    const script = `#!/bin/sh\necho "\${0##*/} $@" >> ${calls}\n[ "$3" != -S ] || printf '%s\\n' '-A ${rule}'\n`
    for (const name of ["iptables-legacy", "iptables-nft"]) {
      await writeFile(path.join(rootDir, name), script, { mode: 0o755 })
    }

    const { exitCode } = await run(["open-ports"], {})

    expect(exitCode).toBe(0)
    const made = (await execa("cat", [calls])).stdout.split("\n").filter((call) => call.includes("-D"))
    expect(made).toEqual([`iptables-legacy --wait 10 -D ${rule}`, `iptables-nft --wait 10 -D ${rule}`])
  },
  LIMIT_MS,
)

test(
  "ends with exit code 1 when a volume is wanted but the manifest gives no secret to key it",
  async () => {
    const mesh = await startMeshServer((client) => issueAnswer(client, new Uint8Array(0)))

    const { exitCode, stderr } = await run([], { COORDINATOR_HOST: mesh.address, CRYPTSETUP_DEVICE: "/dev/csi0" })
    await mesh.server.close(0)

    expect(exitCode).toBe(1)
    expect(stderr).toContain('"code":"VOLUME_SECRET"')
  },
  LIMIT_MS,
)
