import { randomBytes } from "node:crypto"
import { lstat, mkdir, rm, symlink } from "node:fs/promises"
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals"
import { encodeHex, openSeedShare, parseSeedShareDocument } from "@contrast/crypto"
import { signTransition, nextTransition, transitionHash } from "@contrast/manifest"
import { ProtocolError } from "@contrast/protocol"
import { Deployment } from "./support/deployment.ts"
import { KEYS, PEMS } from "./support/keys.ts"

let deployment: Deployment

beforeEach(async () => {
  deployment = await Deployment.start()
})
afterEach(() => deployment.close())

describe("contrast set", () => {
  test("sets the first manifest and keeps what comes back", async () => {
    const { folder, standIn } = deployment

    const { exitCode, stdout } = await deployment.run(["set", "resources", "--output", "json"])

    expect(exitCode).toBe(0)
    expect(standIn.manifests).toEqual([new Uint8Array(await folder.readBytes("manifest.json"))])
    expect(standIn.policies).toHaveLength(2)
    expect(JSON.parse(stdout)).toMatchObject({
      version: 1,
      command: "set",
      first: true,
      latestTransition: encodeHex(standIn.latest),
      files: [
        "seed-shares.json",
        "coordinator-root-ca.pem",
        "mesh-ca.pem",
        "verify/latest-transition",
        "verify/coordinator-root-ca.pem",
      ],
    })
    expect(await folder.read("coordinator-root-ca.pem")).toMatch(/^-----BEGIN CERTIFICATE-----/)
    const shares = parseSeedShareDocument(await folder.readBytes("seed-shares.json"))
    expect(openSeedShare(shares, KEYS.seedshare)).toEqual(standIn.seed)
    expect(await folder.read("verify/latest-transition")).toBe(encodeHex(standIn.latest))
  })

  test("sets the next manifest with the owner's key, and leaves the seed shares alone", async () => {
    await deployment.setAndVerify()
    const shares = await deployment.folder.read("seed-shares.json")
    await deployment.changeManifest()

    const { exitCode, stdout } = await deployment.run(["set", "--atomic", "resources"])

    expect(exitCode).toBe(0)
    expect(stdout).toContain("next manifest")
    expect(deployment.standIn.manifests).toHaveLength(2)
    expect(await deployment.folder.read("seed-shares.json")).toBe(shares)
    expect(await deployment.folder.read("verify/latest-transition")).toBe(encodeHex(deployment.standIn.latest))
  })

  test("sets the next manifest with a detached signature, and without any key", async () => {
    const { folder, standIn } = deployment
    await deployment.setAndVerify()
    const manifest = await deployment.changeManifest()
    const next = transitionHash(nextTransition(Buffer.from(manifest), standIn.latest))
    await folder.write("transition.sig", signTransition(KEYS.workload, next))
    await folder.remove("workload-owner.pem")

    const { exitCode } = await deployment.run(["set", "--signature", "transition.sig", "resources"])

    expect(exitCode).toBe(0)
    expect(standIn.manifests).toHaveLength(2)
  })

  test("follows no manifest with the first one, though it is not told --atomic", async () => {
    const { standIn } = deployment
    standIn.beforeSet = () => {
      standIn.manifests.push(Buffer.from("{}")) // somebody is faster
      standIn.beforeSet = () => Promise.resolve()
      return Promise.resolve()
    }

    const { exitCode } = await deployment.run(["set", "resources"])

    expect(exitCode).not.toBe(0)
    expect(standIn.requests).toMatchObject([{ PreviousTransitionHash: Buffer.alloc(32) }])
    expect(standIn.manifests).toHaveLength(1)
  })

  test("remembers what it has set without --atomic, too", async () => {
    await deployment.setAndVerify()
    await deployment.changeManifest()

    const { exitCode, stdout } = await deployment.run(["set", "resources", "--output", "json"])

    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ latestTransition: encodeHex(deployment.standIn.latest) })
    expect(await deployment.folder.read("verify/latest-transition")).toBe(encodeHex(deployment.standIn.latest))
  })

  test("says when the history does not show what it has set", async () => {
    const { standIn, folder } = deployment
    await deployment.setAndVerify()
    const before = encodeHex(standIn.latest)
    await deployment.changeManifest()
    standIn.tell = (response) => {
      const Manifests = response.Manifests.slice(0, 1)
      return { ...response, Manifests, LatestTransition: undefined }
    }

    const { exitCode, stderr } = await deployment.run(["set", "resources"])

    expect(exitCode).toBe(0)
    expect(stderr).toMatch(/^warning: .*history does not show it yet: run contrast verify/m)
    expect(await folder.read("verify/latest-transition")).toBe(before)
  })

  test("says when it follows manifests that nobody has looked at", async () => {
    await deployment.setAndVerify()
    await deployment.folder.remove("verify")
    await deployment.folder.remove("coordinator-root-ca.pem")
    await deployment.changeManifest()

    const { exitCode, stderr } = await deployment.run(["set", "resources"])

    expect(exitCode).toBe(0)
    expect(stderr).toMatch(
      /^warning: the Coordinator has a history of 1 manifests, which this workspace has never seen: run contrast verify/m,
    )
  })

  test("says which key is needed when the Coordinator refuses the one shown", async () => {
    await deployment.setAndVerify()
    await deployment.changeManifest()
    await deployment.folder.write("other.pem", PEMS.otherWorkload)

    const { exitCode, stderr } = await deployment.run(["set", "--workload-owner-key", "other.pem", "resources"])

    expect(exitCode).toBe(1)
    expect(stderr).toContain("does not name other.pem as workload owner")
    expect(stderr).toMatch(/hint: .*--workload-owner-key/)
  })

  test("goes on without a key where there is none", async () => {
    const { exitCode, stderr } = await deployment.run(["set", "--workload-owner-key", "absent.pem", "resources"])

    expect(exitCode).toBe(0)
    expect(stderr).toContain("there is no absent.pem")
  })

  test("ends with 5 when another manifest came in between", async () => {
    await deployment.setAndVerify()
    deployment.standIn.manifests.push(Buffer.from(await deployment.changeManifest()))

    const { exitCode, stderr } = await deployment.run(["set", "--atomic", "resources"])

    expect(exitCode).toBe(5)
    expect(stderr).toMatch(/hint: .*contrast verify/)
  })

  test("ends with 4 when the Coordinator needs recovery", async () => {
    await deployment.setAndVerify()
    deployment.standIn.needsRecovery = true

    const { exitCode, stderr } = await deployment.run(["set", "resources"])

    expect(exitCode).toBe(4)
    expect(stderr).toContain("contrast recover")
  })

  test("leaves no control character in its JSON as it is", async () => {
    const { stdout } = await deployment.run(["set", "--manifest", "\u009b2J.json", "--output", "json", "resources"])

    expect(stdout).not.toContain("\u009b")
    expect(JSON.parse(stdout)).toMatchObject({ error: { message: expect.stringContaining("\u009b2J.json") } })
  })

  test("ends with 6 when nobody listens", async () => {
    await deployment.standIn.close()

    const { exitCode, stderr } = await deployment.run(["set", "--wait", "0", "resources"])

    expect(exitCode).toBe(6)
    expect(stderr).toMatch(/error: cannot reach 127\.0\.0\.1:\d+: connect ECONNREFUSED[^]*hint: check the address/)
  })

  test("waits for a Coordinator that is not there yet", async () => {
    const { folder, standIn } = deployment
    await standIn.close()
    const args = ["set", "--coordinator", standIn.address, "--wait", "2", "--log-level", "info", "resources"]

    const { exitCode, stderr } = await folder.run(args)

    expect(exitCode).toBe(6)
    expect(stderr).toMatch(/waiting for 127\.0\.0\.1:\d+, [12] s more/)
  })

  test("does not send a manifest twice when no answer comes, and says so", async () => {
    const { standIn } = deployment
    standIn.beforeSet = async () => {
      await standIn.close()
    }

    const { exitCode, stderr } = await deployment.run(["set", "resources"])

    expect(exitCode).toBe(6)
    expect(standIn.requests).toHaveLength(1)
    expect(stderr).toContain("the manifest was sent, but no answer came")
    expect(stderr).toMatch(/hint: run contrast verify/)
  })

  test("keeps seed shares of another deployment under another name", async () => {
    await deployment.folder.write("seed-shares.json", "earlier")
    await deployment.folder.write("seed-shares.json.1", "even earlier")

    const { exitCode, stderr } = await deployment.run(["set", "resources"])

    expect(exitCode).toBe(0)
    expect(stderr).toContain("seed-shares.json.2")
    expect(await deployment.folder.read("seed-shares.json.2")).toBe("earlier")
    expect(await deployment.folder.read("seed-shares.json.1")).toBe("even earlier")
  })

  test("keeps seed shares of another deployment where a link leads to, too", async () => {
    const { folder } = deployment
    await folder.write("vault/shares.json", "earlier")
    await symlink("vault/shares.json", folder.path("seed-shares.json"))

    const { exitCode } = await deployment.run(["set", "resources"])

    expect(exitCode).toBe(0)
    expect((await lstat(folder.path("seed-shares.json"))).isSymbolicLink()).toBe(true)
    expect(await folder.read("vault/shares.json.1")).toBe("earlier")
    expect(openSeedShare(parseSeedShareDocument(await folder.readBytes("vault/shares.json")), KEYS.seedshare)).toEqual(
      deployment.standIn.seed,
    )
  })

  test.each([
    ["text", (stdout: string) => stdout],
    ["json", (stdout: string) => (JSON.parse(stdout) as { error: { seedShares: string } }).error.seedShares],
  ])("prints the seed shares when their file cannot be written any more, as %s", async (format, find) => {
    const { folder, standIn } = deployment
    await folder.write("vault/shares.json", "earlier")
    await symlink("vault/shares.json", folder.path("seed-shares.json"))
    standIn.beforeSet = () => rm(folder.path("vault"), { recursive: true })

    const { exitCode, stdout, stderr } = await deployment.run(["set", "resources", "--output", format])

    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/the manifest was set, but its seed shares were not kept[^]*hint: .*standard output/)
    expect(openSeedShare(parseSeedShareDocument(Buffer.from(find(stdout))), KEYS.seedshare)).toEqual(standIn.seed)
  })

  test("sends nothing when there is no place for the answer", async () => {
    await mkdir(deployment.folder.path("mesh-ca.pem/taken"), { recursive: true })
    const { exitCode, stderr } = await deployment.run(["set", "resources"])

    expect(exitCode).toBe(1)
    expect(stderr).toContain("mesh-ca.pem")
    expect(deployment.standIn.requests).toHaveLength(0)
  })

  test("sets nothing at a Coordinator with another seed behind the same history, unless that is accepted", async () => {
    await deployment.run(["set", "resources"])
    const { standIn } = deployment
    const sent = standIn.requests.length
    standIn.seed = randomBytes(64)

    const refused = await deployment.run(["set", "resources"])

    expect(refused.exitCode).toBe(1)
    expect(refused.stderr).toMatch(/another seed[^]*--accept-rollback/)
    expect(standIn.requests).toHaveLength(sent)

    expect((await deployment.run(["set", "--accept-rollback", "resources"])).exitCode).toBe(0)
    expect((await deployment.run(["verify"])).exitCode).toBe(0)
  })

  test("sets nothing at a Coordinator whose history was rolled back, unless that is accepted", async () => {
    await deployment.setAndVerify()
    deployment.standIn.manifests = []

    const refused = await deployment.run(["set", "resources"])

    expect(refused.exitCode).toBe(1)
    expect(refused.stderr).toMatch(/lacks transition [0-9a-f]{64}[^]*--accept-rollback/)
    expect(deployment.standIn.manifests).toHaveLength(0)

    const accepted = await deployment.run(["set", "--accept-rollback", "resources"])

    expect(accepted.exitCode).toBe(0)
    expect(accepted.stderr).toMatch(/^warning: ROLLBACK ACCEPTED/m)
  })

  test("sets nothing at a Coordinator without a manifest where one with a root CA was known, unless that is accepted", async () => {
    const { folder, standIn } = deployment
    await deployment.run(["set", "resources"])
    const known = await folder.read("coordinator-root-ca.pem")
    for (const name of await folder.names()) if (name.startsWith("verify/")) await folder.remove(name)
    standIn.manifests = []
    const before = await folder.digest()

    const refused = await deployment.run(["set", "resources"])

    expect(refused.exitCode).toBe(1)
    expect(refused.stderr).toMatch(/never had a manifest, and coordinator-root-ca\.pem holds[^]*--accept-rollback/)
    expect(standIn.manifests).toHaveLength(0)
    expect(await folder.digest()).toEqual(before)

    standIn.seed = randomBytes(64)
    expect((await deployment.run(["set", "--accept-rollback", "resources"])).exitCode).toBe(0)
    expect(await folder.read("coordinator-root-ca.pem")).not.toBe(known)
  })

  test("shows a message from outside without what a terminal would obey", async () => {
    deployment.standIn.beforeSet = () => Promise.reject(new ProtocolError("MANIFEST", "bad \u001b[2J\u0007 text"))

    const { stderr } = await deployment.run(["set", "resources"])

    expect(stderr).toContain("bad \ufffd[2J\ufffd text")
  })

  test.each([
    [130, "SIGINT"],
    [143, "SIGTERM"],
  ] as const)("ends with %d on %s, and leaves no file behind", async (expected, signal) => {
    const before = await deployment.folder.digest()
    await deployment.standIn.close()

    const flags = ["--log-level", "info", "--output", "json"]
    const { exitCode, stdout, stderr } = await deployment.run(["set", "resources", ...flags], {
      started: (child) => {
        child.stderr?.once("data", () => child.kill(signal))
      },
    })

    expect(exitCode).toBe(expected)
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "INTERRUPTED", exitCode: expected } })
    expect(stderr).toContain("interrupted")
    expect(await deployment.folder.digest()).toEqual(before)
  })
})

describe("contrast set, with files that do not belong together", () => {
  test.each([
    [
      "a workload that was not generated",
      "web.yml",
      (text: string) => text.replace(/ +io\.kata.*\n/, ""),
      /has no policy/,
    ],
    [
      "a damaged annotation",
      "web.yml",
      (text: string) => text.replace(/cc_init_data: [^]{8}/, "cc_init_data: AAAAAAAA"),
      /Deployment\/web|base64/,
    ],
    ["a workload that is missing", "web.yml", () => "", /no workload has this policy/],
  ])("refuses %s", async (_name, file, change, stderr) => {
    const { folder, standIn } = deployment
    await folder.write(`resources/${file}`, change(await folder.read(`resources/${file}`)))

    const finished = await deployment.run(["set", "resources"])

    expect(finished.exitCode).toBe(1)
    expect(finished.stderr).toMatch(stderr)
    expect(standIn.requests).toHaveLength(0)
  })

  test.each([
    ["an address without a port", ["-c", "localhost"], 2, /expected host:port as --coordinator/],
    ["a port out of range", ["-c", "localhost:70000"], 2, /expected host:port/],
    ["a wait that is no number", ["--wait", "soon"], 2, /--wait/],
    ["--latest-transition without --atomic", ["--latest-transition", "00".repeat(32)], 2, /only with --atomic/],
    ["a transition that is no hash", ["--atomic", "--latest-transition", "abc"], 2, /expected 64 hex digits/],
    ["a signature that is none", ["--signature", "resources/web.yml"], 1, /resources\/web\.yml/],
    ["a manifest that is not there", ["-m", "absent.json"], 1, /cannot read absent\.json/],
    ["another path as --output", ["--output", "here"], 2, /expected text or json as --output/],
  ])("refuses %s", async (_name, args, exitCode, stderr) => {
    const finished = await deployment.run(["set", "resources", ...args])

    expect(finished.stderr).toMatch(stderr)
    expect(finished.exitCode).toBe(exitCode)
    expect(deployment.standIn.requests).toHaveLength(0)
  })
})
