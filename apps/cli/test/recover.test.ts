import { afterEach, beforeEach, describe, expect, test } from "@jest/globals"
import { encodeBase64, encodeHex, encodeSeedShareDocument, sealSeedShares } from "@contrast/crypto"
import { ProtocolError, type UserRecoverRequest } from "@contrast/protocol"
import { Deployment } from "./support/deployment.ts"
import { PEMS, PUBLIC_KEYS } from "./support/keys.ts"

let deployment: Deployment

beforeEach(async () => {
  deployment = await Deployment.start()
  await deployment.setAndVerify()
  deployment.standIn.needsRecovery = true
})
afterEach(() => deployment.close())

describe("contrast recover", () => {
  test("gives the Coordinator its seed, and tells it what the history must contain", async () => {
    const { standIn } = deployment

    const { exitCode, stdout } = await deployment.run(["recover", "--output", "json"])

    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      version: 1,
      command: "recover",
      expectedTransition: encodeHex(standIn.latest),
    })
    expect(standIn.needsRecovery).toBe(false)
    const request = standIn.requests.at(-1) as UserRecoverRequest
    expect(Buffer.from(request.Seed)).toEqual(Buffer.from(standIn.seed))
    expect(request).toMatchObject({ Force: false, ExpectedTransitionHash: Buffer.from(standIn.latest) })
  })

  test("passes --force and --accept-rollback on", async () => {
    const { exitCode, stderr } = await deployment.run(["recover", "--force", "--accept-rollback"])

    expect(exitCode).toBe(0)
    expect(stderr).toMatch(/^warning: ROLLBACK ACCEPTED/m)
    expect(deployment.standIn.requests.at(-1)).toMatchObject({ Force: true, ExpectedTransitionHash: undefined })
  })

  test("fails if the history that came into force lacks what was required, or is under another root CA", async () => {
    const { standIn } = deployment
    standIn.tell = (response) => ({ ...response, Manifests: [Buffer.from("{}")], LatestTransition: undefined })
    const rolledBack = await deployment.run(["recover"])
    expect([rolledBack.exitCode, standIn.needsRecovery]).toEqual([1, false])
    expect(rolledBack.stderr).toContain("lacks transition")

    standIn.needsRecovery = true
    standIn.tell = (response) => ({ ...response, RootCA: response.MeshCA })
    const foreign = await deployment.run(["recover"])
    expect(foreign.exitCode).toBe(1)
    expect(foreign.stderr).toContain("has another seed")
  })

  test("says that another manifest than the local one is in force", async () => {
    await deployment.changeManifest()

    const { exitCode, stderr } = await deployment.run(["recover"])

    expect(exitCode).toBe(0)
    expect(stderr).toMatch(/^warning: the manifest in force is not manifest\.json: run contrast verify/m)
  })

  test("says that it has recovered when the history cannot be read", async () => {
    deployment.standIn.tell = () => {
      throw new ProtocolError("STORE", "disk failed")
    }

    const { exitCode, stderr } = await deployment.run(["recover"])

    expect(exitCode).toBe(0)
    expect(stderr).toMatch(/^warning: the Coordinator has recovered, but does not show its history \(disk failed\)/m)
  })

  test("shows no seed at the most verbose level", async () => {
    const { stdout, stderr } = await deployment.run(["recover", "--log-level", "debug", "--output", "json"])

    for (const encode of [encodeHex, encodeBase64])
      expect(stdout + stderr).not.toContain(encode(deployment.standIn.seed))
  })

  test("says that nothing is to be done when the Coordinator has recovered", async () => {
    deployment.standIn.needsRecovery = false

    const { exitCode, stderr } = await deployment.run(["recover"])

    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/already recovered[^]*hint: nothing is to be done/)
  })

  test("sends nothing to a Coordinator whose history was rolled back", async () => {
    await deployment.folder.write("verify/latest-transition", "ab".repeat(32))

    const { exitCode, stderr } = await deployment.run(["recover"])

    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/hint: .*rolled back/)
    expect(deployment.standIn.needsRecovery).toBe(true)
  })

  test("refuses shares of another deployment's seed", async () => {
    const seed = new Uint8Array(64).fill(7)
    const document = sealSeedShares({ seed, salt: deployment.standIn.salt, ownerPublicKeys: [PUBLIC_KEYS.seedshare] })
    await deployment.folder.write("foreign.json", encodeSeedShareDocument(document))

    const { exitCode, stderr } = await deployment.run(["recover", "--seed", "foreign.json"])

    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/hint: .*--seed/)
    expect(deployment.standIn.needsRecovery).toBe(true)
  })
})

describe("contrast recover, with files that cannot be used", () => {
  test.each([
    ["a key of the wrong kind", "seedshare-owner.pem", PEMS.workload, /no seed share owner key \(RSA\)/],
    [
      "a key that no share is for",
      "seedshare-owner.pem",
      PEMS.otherSeedshare,
      /none of the 1 seed shares is for this key/,
    ],
    ["a public key", "seedshare-owner.pem", "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n", /PUBLIC KEY/],
    ["an empty key file", "seedshare-owner.pem", "", /no PEM block/],
    ["an empty shares file", "seed-shares.json", "", /seed-shares\.json cannot be used/],
    ["another JSON file", "seed-shares.json", '{"Policies": {}}', /unknown key "policies"/],
    ["a salt of the wrong size", "seed-shares.json", '{"salt": "AAAA"}', /expected a salt of 32 bytes, got 3/],
    ["a damaged memory", "verify/latest-transition", "abc", /latest-transition is damaged/],
  ])("refuses %s, and sends nothing", async (_name, file, content, stderr) => {
    await deployment.folder.write(file, content)
    const sent = deployment.standIn.requests.length

    const finished = await deployment.run(["recover"])

    expect(finished.stderr).toMatch(stderr)
    expect(finished.stderr).toMatch(/^hint: /m)
    expect(finished.exitCode).toBe(1)
    expect(deployment.standIn.requests).toHaveLength(sent)
  })

  test("refuses a truncated shares file", async () => {
    const shares = await deployment.folder.readBytes("seed-shares.json")
    await deployment.folder.write("seed-shares.json", shares.subarray(0, -10))

    const { exitCode, stderr } = await deployment.run(["recover"])

    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/seed-shares\.json cannot be used[^]*cannot be mended/)
  })

  test("names a file that is not there", async () => {
    await deployment.folder.remove("seed-shares.json")

    const { exitCode, stderr } = await deployment.run(["recover"])

    expect(exitCode).toBe(1)
    expect(stderr).toContain("cannot read seed-shares.json: no such file")
  })
})
