import { randomBytes } from "node:crypto"
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals"
import { encodeHex, sha256 } from "@contrast/crypto"
import { parseAllDocuments } from "yaml"
import { Deployment } from "./support/deployment.ts"

let deployment: Deployment

beforeEach(async () => {
  deployment = await Deployment.start()
  await deployment.run(["set", "resources"])
})
afterEach(() => deployment.close())

describe("contrast verify", () => {
  test("keeps the Coordinator's history, and remembers where it ends", async () => {
    const { folder, standIn } = deployment

    const { exitCode, stdout } = await deployment.run(["verify", "resources", "--output", "json"])

    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      version: 1,
      command: "verify",
      manifests: 1,
      latestTransition: encodeHex(standIn.latest),
      verdict: { version: 1, platform: "insecure", accepted: true },
    })
    expect(await folder.readBytes("verify/manifest.0.json")).toEqual(await folder.readBytes("manifest.json"))
    const names = (await folder.names()).filter((name) => name.startsWith("verify/"))
    expect(names.filter((name) => /^verify\/initdata\.[0-9a-f]{64}\.toml$/.test(name))).toHaveLength(2)
    expect(names).toEqual(expect.arrayContaining(["verify/coordinator-root-ca.pem", "verify/mesh-ca.pem"]))
    expect(await folder.read("verify/latest-transition")).toBe(encodeHex(standIn.latest))
  })

  test("keeps the history as ConfigMaps too, in the layout of the established implementation", async () => {
    const { folder, standIn } = deployment

    await deployment.run(["verify"])

    const configMaps = parseAllDocuments(await folder.read("verify/history.yml")).map(
      (document) => document.toJS() as { metadata: { name: string } },
    )
    const [manifest] = standIn.manifests
    const hash = encodeHex(sha256(manifest ?? new Uint8Array()))
    expect(configMaps).toContainEqual({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: {
        name: `contrast-store-manifests-${hash}`,
        labels: {
          "app.kubernetes.io/name": "kvstore",
          "app.kubernetes.io/component": "coordinator",
          "app.kubernetes.io/managed-by": "contrast.edgeless.systems",
        },
      },
      binaryData: { [hash]: Buffer.from(manifest ?? []).toString("base64") },
    })
    const objects = configMaps.map(({ metadata }) => /^contrast-store-(.+)-[0-9a-z]+$/.exec(metadata.name)?.[1])
    expect(objects).toEqual(["policies", "policies", "manifests", "transitions", "transitions"])
    expect(configMaps.at(-1)?.metadata.name).toBe("contrast-store-transitions-latest")
  })

  test("keeps the ConfigMaps of the last history that it took, if the next one is refused", async () => {
    const { folder, standIn } = deployment
    await deployment.run(["verify"])
    const kept = await folder.read("verify/history.yml")
    standIn.manifests.splice(0, 1, Buffer.from((await folder.read("manifest.json")) + "\n"))

    const { exitCode } = await deployment.run(["verify"])

    expect(exitCode).toBe(1)
    expect(await folder.read("verify/history.yml")).toBe(kept)
  })

  test("verifies in the handshake when asked to", async () => {
    const { exitCode } = await deployment.run(["verify", "--handshake-attestation"])

    expect(exitCode).toBe(0)
  })

  test("removes what an earlier, longer history left behind", async () => {
    await deployment.folder.write("verify/manifest.1.json", "old")
    await deployment.folder.write("verify/notes.txt", "mine")

    await deployment.run(["verify"])

    const names = await deployment.folder.names()
    expect(names).not.toContain("verify/manifest.1.json")
    expect(names).toContain("verify/notes.txt")
  })

  test("fails when the active manifest is another one, and keeps it for a look", async () => {
    const { folder, standIn } = deployment
    const other = (await folder.read("manifest.json")) + "\n"
    standIn.manifests.push(Buffer.from(other))

    const { exitCode, stderr } = await deployment.run(["verify"])

    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/active manifest is not manifest\.json[^]*hint: .*verify\/manifest\.1\.json/)
    expect(await folder.read("verify/manifest.1.json")).toBe(other)
    expect(await folder.read("verify/latest-transition")).toBe(encodeHex(standIn.latest))
  })

  test("remembers nothing of a refused Coordinator where it knows none", async () => {
    const { folder, standIn } = deployment
    await folder.remove("verify")
    await folder.remove("coordinator-root-ca.pem")
    standIn.manifests.push(Buffer.from((await folder.read("manifest.json")) + "\n"))

    const { exitCode } = await deployment.run(["verify"])

    expect(exitCode).toBe(1)
    const kept = (await folder.names()).filter((name) => name.startsWith("verify/"))
    expect(kept).toEqual(expect.arrayContaining(["verify/manifest.0.json", "verify/manifest.1.json"]))
    expect(kept.filter((name) => !/^verify\/(manifest|initdata)\./.test(name))).toEqual([])
  })

  test.each<[string, (manifest: string) => string]>([
    ["another Coordinator", (manifest) => manifest.replace(/"Role": "coordinator"/, '"Role": ""')],
    ["somebody whom nobody can name", () => "no manifest of ours"],
  ])("says which earlier manifests let %s in, unless they were seen before", async (_title, change) => {
    const { folder, standIn } = deployment
    const manifest = await folder.read("manifest.json")
    await folder.remove("verify")
    await folder.remove("coordinator-root-ca.pem")
    standIn.manifests = [Buffer.from(change(manifest)), Buffer.from(manifest + "\n"), Buffer.from(manifest)]

    const first = await deployment.run(["verify"])
    const second = await deployment.run(["verify"])

    expect([first.exitCode, second.exitCode]).toEqual([0, 0])
    expect(first.stderr).toMatch(/^warning: earlier manifests[^]*Look at verify\/manifest\.0\.json$/m)
    expect(second.stderr).not.toContain("earlier manifests")
  })

  test("fails when the history lacks what was seen before, and remembers nothing new", async () => {
    const { folder, standIn } = deployment
    const seen = encodeHex(standIn.latest)
    const other = Buffer.concat([standIn.manifests[0] ?? new Uint8Array(), Buffer.from("\n")])
    standIn.manifests = [other, ...standIn.manifests]

    const refused = await deployment.run(["verify"])

    expect(refused.exitCode).toBe(1)
    expect(refused.stderr).toMatch(/lacks transition [0-9a-f]{64}[^]*--accept-rollback/)
    expect(await folder.read("verify/latest-transition")).toBe(seen)

    const accepted = await deployment.run(["verify", "--accept-rollback"])

    expect(accepted.exitCode).toBe(0)
    expect(accepted.stderr).toMatch(/^warning: ROLLBACK ACCEPTED/m)
    expect(await folder.read("verify/latest-transition")).toBe(encodeHex(standIn.latest))
  })

  test.each(["verify/latest-transition", "verify/coordinator-root-ca.pem"])(
    "refuses a damaged memory of what was seen in %s",
    async (file) => {
      await deployment.folder.write(file, "")

      const { exitCode, stderr } = await deployment.run(["verify"])

      expect(exitCode).toBe(1)
      expect(stderr).toContain(`${file} is damaged`)
    },
  )

  test("fails when another seed is behind the same history, and remembers nothing new", async () => {
    const { folder, standIn } = deployment
    const seen = await folder.read("verify/coordinator-root-ca.pem")
    standIn.seed = randomBytes(64)

    const refused = await deployment.run(["verify", "--output", "json"])

    expect(refused.exitCode).toBe(1)
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: "ROOT_CA_DIFFERS" } })
    expect(refused.stderr).toMatch(
      /not the one in verify\/coordinator-root-ca\.pem: it has another seed[^]*--accept-rollback/,
    )
    expect(await folder.read("verify/coordinator-root-ca.pem")).toBe(seen)

    const accepted = await deployment.run(["verify", "--accept-rollback"])

    expect(accepted.exitCode).toBe(0)
    expect(accepted.stderr).toMatch(/^warning: ROLLBACK ACCEPTED: .*another seed/m)
    expect((await deployment.run(["verify"])).exitCode).toBe(0)
  })

  test("compares the root CA key with the one that set wrote where nothing was verified yet", async () => {
    await deployment.folder.remove("verify/coordinator-root-ca.pem")
    deployment.standIn.seed = randomBytes(64)

    const { exitCode, stderr } = await deployment.run(["verify"])

    expect(exitCode).toBe(1)
    expect(stderr).toContain("not the one in coordinator-root-ca.pem")
  })

  test("fails when the Coordinator sends no root CA", async () => {
    deployment.standIn.tell = (response) => ({ ...response, RootCA: new Uint8Array() })

    const { exitCode, stderr } = await deployment.run(["verify"])

    expect(exitCode).toBe(1)
    expect(stderr).toContain("sent no root CA certificate")
  })

  test("fails when the Coordinator contradicts itself", async () => {
    deployment.standIn.tell = (response) => ({
      ...response,
      LatestTransition: { TransitionHash: new Uint8Array(32), Signature: new Uint8Array(70) },
    })

    const { exitCode, stderr } = await deployment.run(["verify"])

    expect(exitCode).toBe(1)
    expect(stderr).toContain("does not follow from its manifests")
  })

  test("fails when the Coordinator withholds a policy", async () => {
    deployment.standIn.tell = (response) => ({ ...response, Policies: response.Policies.slice(1) })

    const { exitCode, stderr } = await deployment.run(["verify"])

    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/withholds policies[^]*\$\.Policies\["[0-9a-f]{64}"\]/)
  })

  test("fails when the Coordinator has no manifest", async () => {
    await deployment.folder.remove("verify/latest-transition")
    deployment.standIn.manifests = []

    const { exitCode, stderr } = await deployment.run(["verify"])

    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/no manifest configured[^]*hint: run contrast set/)
  })

  test("ends with 4 when the Coordinator needs recovery", async () => {
    deployment.standIn.needsRecovery = true

    const { exitCode } = await deployment.run(["verify"])

    expect(exitCode).toBe(4)
  })

  test("fails when the files of the workspace do not belong to the manifest", async () => {
    await deployment.folder.write("resources/web.yml", "")

    const { exitCode, stderr } = await deployment.run(["verify", "resources"])

    expect(exitCode).toBe(1)
    expect(stderr).toContain("no workload has this policy")
  })
})

describe("contrast verify, at something that is no such Coordinator", () => {
  test("ends with 3 and names the line of the manifest when another program attests", async () => {
    const other = await Deployment.start("ab".repeat(32))
    try {
      const { exitCode, stdout, stderr } = await other.run(["verify", "--output", "json"])

      expect(exitCode).toBe(3)
      expect(stderr).toMatch(
        /manifest\.json:2:\d+: \$\.Policies: document\.hostData: .* got (?:ab){32}, which the manifest does not name/,
      )
      expect(JSON.parse(stdout)).toMatchObject({
        version: 1,
        command: "verify",
        error: { code: "ATTESTATION", exitCode: 3, problems: [{ code: "HOST_DATA" }] },
      })
    } finally {
      await other.close()
    }
  })

  test("ends with 3 when a workload without the role attests", async () => {
    const { policies } = JSON.parse(
      `{"policies": ${JSON.stringify((JSON.parse(await deployment.folder.read("manifest.json")) as { Policies: object }).Policies)}}`,
    ) as { policies: Record<string, { Role?: string }> }
    const [hash] = Object.entries(policies).flatMap(([policy, { Role }]) => (Role === undefined ? [policy] : []))
    const other = await Deployment.start(hash)
    try {
      const { exitCode, stderr } = await other.run(["verify"])

      expect(exitCode).toBe(3)
      expect(stderr).toContain("no role coordinator")
    } finally {
      await other.close()
    }
  })
})
