import { execFile, execFileSync } from "node:child_process"
import { stat } from "node:fs/promises"
import { promisify } from "node:util"
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals"
import { encodeHex, sha256, verifySha256 } from "@contrast/crypto"
import { NO_TRANSITION, nextTransition, ownerSignatureMessage, transitionHash } from "@contrast/manifest"
import { Folder } from "./support/folder.ts"
import { KEYS, PEMS } from "./support/keys.ts"
import { PROGRAM } from "./support/program.ts"
import { COORDINATOR, INSECURE } from "./support/resources.ts"

const SEEN = "ab".repeat(32)
let folder: Folder

beforeEach(async () => {
  folder = await Folder.create({
    "coordinator.yml": COORDINATOR,
    "workload-owner.pem": PEMS.workload,
    "seedshare-owner.pem": PEMS.seedshare,
  })
  await folder.run(["generate", ...INSECURE, "coordinator.yml"])
})
afterEach(() => folder.close())

async function nextHash(previous: Uint8Array): Promise<Uint8Array> {
  return transitionHash(nextTransition(await folder.readBytes("manifest.json"), previous))
}

describe("contrast sign", () => {
  test("signs the transition that follows the one last seen", async () => {
    await folder.write("verify/latest-transition", SEEN)

    const { exitCode, stdout } = await folder.run(["sign", "--out", "transition.sig", "--output", "json"])

    const next = await nextHash(Buffer.from(SEEN, "hex"))
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toEqual({
      version: 1,
      command: "sign",
      manifest: "manifest.json",
      previousTransition: SEEN,
      nextTransition: encodeHex(next),
      out: "transition.sig",
      prepared: false,
    })
    const signature = await folder.readBytes("transition.sig")
    expect(verifySha256(KEYS.workload, ownerSignatureMessage(next), signature)).toBe(true)
    expect(await folder.mode("transition.sig")).toBe(0o644)
  })

  test("signs a first manifest where nothing was seen, and says so", async () => {
    const { exitCode, stdout, stderr } = await folder.run(["sign", "--out", "transition.sig"])

    expect(exitCode).toBe(0)
    expect(stdout).toBe(`${encodeHex(await nextHash(NO_TRANSITION))}\n`)
    expect(stderr).toContain("this signs a first manifest")
  })

  test("prepares what openssl can sign", async () => {
    const flags = ["--latest-transition", SEEN, "--prepare", "--out", "next-transition"]

    const { exitCode } = await folder.run(["sign", ...flags])

    const next = await nextHash(Buffer.from(SEEN, "hex"))
    expect(exitCode).toBe(0)
    expect(await folder.read("next-transition")).toBe(encodeHex(next))
    const openssl = ["dgst", "-sha256", "-sign", "workload-owner.pem", "-out", "openssl.sig", "next-transition"]
    execFileSync("openssl", openssl, { cwd: folder.root })
    expect(verifySha256(KEYS.workload, ownerSignatureMessage(next), await folder.readBytes("openssl.sig"))).toBe(true)
  })

  test("makes signatures that openssl accepts", async () => {
    await folder.run(["sign", "--latest-transition", SEEN, "--out", "transition.sig"])
    await folder.write("message", ownerSignatureMessage(await nextHash(Buffer.from(SEEN, "hex"))))

    const openssl = ["dgst", "-sha256", "-prverify", "workload-owner.pem", "-signature", "transition.sig", "message"]
    const output = execFileSync("openssl", openssl, { cwd: folder.root })

    expect(output.toString()).toContain("Verified OK")
  })

  test("writes to standard output what is signed, and nothing else", async () => {
    const signing = ["sign", "--latest-transition", SEEN, "--prepare", "--out", "/dev/stdout"]
    const message = encodeHex(await nextHash(Buffer.from(SEEN, "hex")))

    const { exitCode, stdout, stderr } = await folder.run([...signing, "--output", "json"])
    const piped = shell(`"$@" | cat`, signing)
    await folder.write("log", "before ")
    shell(`"$@" >> log`, signing)

    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: message, stderr: "" })
    expect(piped.toString()).toBe(message)
    expect(await folder.read("log")).toBe(`before ${message}`)
  })

  test("writes into a pipe without reading from it, and into devices without taking their place", async () => {
    execFileSync("mkfifo", [folder.path("pipe")])
    const reader = promisify(execFile)("cat", [folder.path("pipe")])
    const signing = ["sign", "--latest-transition", SEEN, "--prepare", "--out"]

    const { exitCode, stdout } = await folder.run([...signing, "pipe"])
    const discarded = await folder.run([...signing, "/dev/null"])

    const message = encodeHex(await nextHash(Buffer.from(SEEN, "hex")))
    expect([exitCode, stdout]).toEqual([0, `${message}\n`])
    expect((await reader).stdout).toBe(message)
    expect(discarded.exitCode).toBe(0)
    expect((await stat("/dev/null")).isCharacterDevice()).toBe(true)
  })

  test("ends with 1 when nobody reads what it writes", () => {
    const signing = ["sign", "--latest-transition", SEEN, "--prepare", "--out", "/dev/stdout"]

    // The other end is gone before it starts.
    const said = shell(`{ sleep 0.2; "$@" 2>said; echo $? >>said; } | true; cat said`, signing)

    expect(said.toString()).toMatch(/^error: cannot write \/dev\/stdout: nothing reads from it\nhint: .*\n1\n$/)
  })

  test("never writes over a private key", async () => {
    const before = encodeHex(sha256(await folder.readBytes("workload-owner.pem")))

    const { exitCode, stderr } = await folder.run(["sign", "--out", "workload-owner.pem"])

    expect(exitCode).toBe(1)
    expect(stderr).toContain("workload-owner.pem holds a private key, which is never overwritten")
    expect(encodeHex(sha256(await folder.readBytes("workload-owner.pem")))).toBe(before)
  })

  test.each([
    ["no place to write to", [], 2, /--out/],
    ["a transition that is no hash", ["--out", "x", "--latest-transition", "ab"], 2, /expected 64 hex digits/],
    ["a key that is not there", ["--out", "x", "--workload-owner-key", "absent"], 1, /cannot read absent/],
    [
      "a key of the wrong kind",
      ["--out", "x", "--workload-owner-key", "seedshare-owner.pem"],
      1,
      /no workload owner key \(EC\)/,
    ],
    [
      "a manifest that is none",
      ["--out", "x", "--manifest", "coordinator.yml"],
      1,
      /coordinator\.yml is not a valid manifest/,
    ],
    ["a folder to write to", ["--out", "."], 1, /cannot read \.: /],
  ])("refuses %s, and writes nothing", async (_name, args, exitCode, stderr) => {
    const before = await folder.digest()

    const finished = await folder.run(["sign", ...args])

    expect(finished.stderr).toMatch(stderr)
    expect(finished.exitCode).toBe(exitCode)
    expect(await folder.digest()).toEqual(before)
  })
})

/** Runs a line of the shell that has the program and its arguments as its own. */
function shell(line: string, args: readonly string[]): Buffer {
  return execFileSync("sh", ["-c", line, "sh", process.execPath, PROGRAM, ...args], {
    cwd: folder.root,
    stdio: ["ignore", "pipe", "ignore"],
  })
}
