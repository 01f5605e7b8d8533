import { execFileSync } from "node:child_process"
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals"
import { encodeHex, sha256, verifySha256 } from "@contrast/crypto"
import { NO_TRANSITION, nextTransition, ownerSignatureMessage, transitionHash } from "@contrast/manifest"
import { Folder } from "./support/folder.ts"
import { KEYS, PEMS } from "./support/keys.ts"
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
