import { execFile } from "node:child_process"
import { readlink, symlink } from "node:fs/promises"
import { promisify } from "node:util"
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals"
import { parseManifest } from "@contrast/manifest"
import { findInitdata, findWorkloads, initdataHash, parseKubernetesFile, readInitdata } from "@contrast/policy"
import { parse, stringify } from "yaml"
import { Folder } from "./support/folder.ts"
import { PEMS, PUBLIC_KEYS } from "./support/keys.ts"
import { COORDINATOR, IMAGE, INSECURE, deployment } from "./support/resources.ts"

const WEB = deployment("web")
const JOB = { template: { metadata: {}, spec: podSpec() } }
const CRON_JOB = {
  apiVersion: "batch/v1",
  kind: "CronJob",
  metadata: { name: "x" },
  spec: { jobTemplate: { spec: JOB } },
}
let folder: Folder

beforeEach(async () => {
  folder = await Folder.create({
    "resources/coordinator.yml": COORDINATOR,
    "resources/web.yml": WEB,
    "workload-owner.pem": PEMS.workload,
    "seedshare-owner.pem": PEMS.seedshare,
  })
})
afterEach(() => folder.close())

describe("contrast generate", () => {
  test("writes policies into the files, and the manifest that names them", async () => {
    const { exitCode, stdout } = await folder.run(["generate", ...INSECURE, "resources"])

    expect(exitCode).toBe(0)
    const files = await Promise.all(
      ["coordinator", "web"].map(async (name) => parseKubernetesFile(name, await folder.read(`resources/${name}.yml`))),
    )
    const hashes = findWorkloads(files).map((workload) => {
      const toml = findInitdata(workload)
      expect(toml && readInitdata(toml).data.get("policy.rego")).toContain("package agent_policy")
      return toml && initdataHash(toml)
    })
    const manifest = parseManifest(await folder.readBytes("manifest.json"))
    expect([...manifest.policies.keys()].sort()).toEqual(hashes.toSorted())
    expect(stdout).toBe(`${String(hashes[0])}  StatefulSet/coordinator\n${String(hashes[1])}  Deployment/web\n`)
    expect([...manifest.policies.values()]).toContainEqual({
      sans: ["web", "*"],
      workloadSecretId: "apps/v1/Deployment/default/web",
    })
    expect([...manifest.policies.values()]).toContainEqual({
      sans: ["coordinator", "*"],
      workloadSecretId: "apps/v1/StatefulSet/default/coordinator",
      role: "coordinator",
    })
    expect(manifest.workloadOwnerPubKeys).toEqual([PUBLIC_KEYS.workload])
    expect(manifest.seedshareOwnerPubKeys).toEqual([PUBLIC_KEYS.seedshare])
  })

  test("changes no byte the second time", async () => {
    await folder.run(["generate", ...INSECURE, "resources"])
    const before = await folder.digest()

    const { exitCode, stdout } = await folder.run(["generate", "--INSECURE", "resources", "--output", "json"])

    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ version: 1, command: "generate", changed: [] })
    expect(await folder.digest()).toEqual(before)
  })

  test("takes the Initializer out again where the workload skips it, and changes no byte the second time", async () => {
    await folder.run(["generate", ...INSECURE, "resources"])
    const injected = await folder.read("resources/web.yml")
    const skip = 'contrast.edgeless.systems/skip-initializer: "true"'
    await folder.write("resources/web.yml", injected.replace("annotations:\n", `annotations:\n        ${skip}\n`))

    const { exitCode } = await folder.run(["generate", "--INSECURE", "resources"])
    const before = await folder.digest()
    const again = await folder.run(["generate", "--INSECURE", "resources"])

    const written = await folder.read("resources/web.yml")
    expect(injected).toContain("contrast-secrets")
    expect(written).toContain(skip)
    expect(podSpecIn(parse(written))).toEqual({
      ...(podSpecIn(parse(WEB)) as object),
      runtimeClassName: "contrast-insecure-metal-qemu-insecure",
    })
    expect([exitCode, again.exitCode]).toEqual([0, 0])
    expect(await folder.digest()).toEqual(before)
  })

  test("makes owner keys that only their owner may read, and never again", async () => {
    await folder.remove("workload-owner.pem")
    await folder.remove("seedshare-owner.pem")

    const first = await folder.run(["generate", ...INSECURE, "resources"])
    const keys = await folder.read("workload-owner.pem")

    expect(first.exitCode).toBe(0)
    expect(keys).toMatch(/^-----BEGIN EC PRIVATE KEY-----/)
    expect(await folder.read("seedshare-owner.pem")).toMatch(/^-----BEGIN RSA PRIVATE KEY-----/)
    expect(await folder.mode("workload-owner.pem")).toBe(0o600)
    expect(await folder.mode("seedshare-owner.pem")).toBe(0o600)
    expect(await folder.mode("manifest.json")).toBe(0o644)

    await folder.run(["generate", ...INSECURE, "resources"])

    expect(await folder.read("workload-owner.pem")).toBe(keys)
  }, 60_000)

  test("keeps comments and order, and passes other objects through byte for byte", async () => {
    const service = "# a service\napiVersion:   v1\nkind: Service\nmetadata: {name: web}\n"
    const commented = WEB.replace("kind: Deployment", "kind: Deployment # what it is").replace(
      "runtimeClassName: contrast-insecure",
      "runtimeClassName: contrast-insecure # where it runs",
    )
    await folder.write("resources/web.yml", `${service}---\n${commented}`)

    await folder.run(["generate", ...INSECURE, "resources"])

    const written = await folder.read("resources/web.yml")
    expect(written.startsWith(`${service}---\n`)).toBe(true)
    expect(written).toContain("kind: Deployment # what it is")
    expect(written).toContain("runtimeClassName: contrast-insecure-metal-qemu-insecure # where it runs")
    expect(await folder.read("resources/coordinator.yml")).toMatch(/^# the Coordinator\n/)
  })

  test.each([
    ["a Pod", workload("Pod", "v1")],
    ["a ReplicaSet", workload("ReplicaSet", "apps/v1")],
    ["a DaemonSet", workload("DaemonSet", "apps/v1")],
    ["a StatefulSet", workload("StatefulSet", "apps/v1")],
    ["a Job", workload("Job", "batch/v1")],
    ["a CronJob", CRON_JOB],
    ["a CronJob inside a List", { apiVersion: "v1", kind: "List", items: [CRON_JOB] }],
  ])("takes %s, written as JSON or YAML, and changes no byte of it the second time", async (_name, object) => {
    await folder.write("resources/web.yml", JSON.stringify(object))
    await folder.write("yaml/coordinator.yml", COORDINATOR)
    await folder.write("yaml/web.yml", `# a comment\n${stringify(object)}`)
    for (const path of ["resources", "yaml"]) {
      const { exitCode, stderr } = await folder.run(["generate", ...INSECURE, path])
      const before = await folder.digest()
      const again = await folder.run(["generate", ...INSECURE, path])

      expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 })
      expect(podSpecIn(parse(await folder.read(`${path}/web.yml`)))).toMatchObject({
        initContainers: [{ name: "contrast-initializer" }],
      })
      expect({ exitCode: again.exitCode, digest: await folder.digest() }).toEqual({ exitCode: 0, digest: before })
    }
  })

  test("changes no byte of several commented documents the second time", async () => {
    const documents = [`# first\n${WEB} # last\n`, "# not for us\nkind: Service\n", `${deployment("other")}  # end\n`]
    await folder.write("resources/web.yml", `---\n${documents.join("---\n")}...\n`)
    const { exitCode } = await folder.run(["generate", ...INSECURE, "resources"])
    const before = await folder.digest()

    const again = await folder.run(["generate", ...INSECURE, "resources"])

    expect([exitCode, again.exitCode]).toEqual([0, 0])
    expect(await folder.read("resources/web.yml")).toMatch(/# first\n[^]*# not for us\nkind: Service\n[^]*# end\n/)
    expect(await folder.digest()).toEqual(before)
  })

  test("writes elsewhere with --output, and leaves the input as it is", async () => {
    const before = await folder.read("resources/web.yml")

    const { exitCode } = await folder.run(["generate", ...INSECURE, "resources", "--output", "out", "--output", "json"])

    expect(exitCode).toBe(0)
    expect(await folder.read("resources/web.yml")).toBe(before)
    expect(await folder.read("out/web.yml")).toContain("contrast-initializer")
    expect(await folder.read("out/coordinator.yml")).toContain("cc_init_data")
  })

  test("writes one file to one file", async () => {
    await folder.write("all.yml", `${COORDINATOR}---\n${WEB}`)

    const { exitCode } = await folder.run(["generate", ...INSECURE, "all.yml", "-o", "new/all.yml"])

    expect(exitCode).toBe(0)
    expect(await folder.read("new/all.yml")).toContain("contrast-initializer")
  })

  test("writes one file to standard output, and nothing else there", async () => {
    await folder.write("all.yml", `${COORDINATOR}---\n${WEB}`)

    const piped = await folder.run(["generate", ...INSECURE, "all.yml", "-o", "/dev/stdout"])
    await folder.run(["generate", ...INSECURE, "all.yml"])

    expect(piped.exitCode).toBe(0)
    expect(piped.stdout).toBe(await folder.read("all.yml"))
  })

  test("writes the manifest to standard output, and waits for none to come from there", async () => {
    const { exitCode, stdout } = await folder.run(["generate", ...INSECURE, "-m", "/dev/stdout", "resources"])
    await folder.run(["generate", ...INSECURE, "resources"])

    expect(exitCode).toBe(0)
    expect(stdout).toBe(await folder.read("manifest.json"))
  })

  test("drops workload owners with --disable-updates, and makes no key for them", async () => {
    await folder.run(["generate", ...INSECURE, "resources"])
    await folder.remove("workload-owner.pem")

    const { exitCode } = await folder.run(["generate", "--INSECURE", "--disable-updates", "resources"])

    expect(exitCode).toBe(0)
    expect(parseManifest(await folder.readBytes("manifest.json")).workloadOwnerPubKeys).toEqual([])
    expect(await folder.names()).not.toContain("workload-owner.pem")
  })

  test("adds further owners, public keys among them, and keeps those that are there", async () => {
    await folder.run(["generate", ...INSECURE, "resources"])
    await folder.write("other.pem", PEMS.otherWorkload)
    await folder.write("other-seedshare.pem", PEMS.otherSeedshare)

    const flags = ["--add-workload-owner-key", "other.pem", "--add-seedshare-owner-key", "other-seedshare.pem"]
    await folder.run(["generate", "--INSECURE", ...flags, "resources"])

    const { workloadOwnerPubKeys, seedshareOwnerPubKeys } = parseManifest(await folder.readBytes("manifest.json"))
    expect(workloadOwnerPubKeys).toEqual([PUBLIC_KEYS.workload, PUBLIC_KEYS.otherWorkload].sort())
    expect(seedshareOwnerPubKeys).toEqual([PUBLIC_KEYS.seedshare, PUBLIC_KEYS.otherSeedshare].sort())
  })

  test("says when it puts an edited entry of the manifest back", async () => {
    await folder.run(["generate", ...INSECURE, "resources"])
    const written = await folder.read("manifest.json")
    await folder.write("manifest.json", written.replace('"web",', '"web", "www.example.com",'))

    const { stderr } = await folder.run(["generate", "--INSECURE", "resources"])

    expect(stderr).toMatch(/warning: manifest\.json had its own entry for policy [0-9a-f]{64}/)
    expect(await folder.read("manifest.json")).toBe(written)
  })

  test("says what an edited entry held when its workload has another policy now", async () => {
    await folder.run(["generate", ...INSECURE, "resources"])
    const written = await folder.read("manifest.json")
    await folder.write("manifest.json", written.replace('"web",', '"web", "www.example.com",'))
    await folder.write(
      "resources/web.yml",
      (await folder.read("resources/web.yml")).replace(/(command: \[ ?)\/app/, "$1/other"),
    )

    const { stderr } = await folder.run(["generate", "--INSECURE", "resources"])

    expect(stderr).toMatch(
      /had its own entry for policy [0-9a-f]{64} \(SANs web, www\.example\.com, \*; workload secret ID/,
    )
    expect(stderr).toMatch(/which no workload has any more/)
  })

  test("says nothing of entries that nobody has edited, whatever became of their workloads", async () => {
    await folder.run(["generate", ...INSECURE, "resources"])
    await folder.remove("resources/web.yml")

    const { stderr } = await folder.run(["generate", "--INSECURE", "resources"])

    expect(stderr).not.toContain("had its own entry")
  })

  test("says which platforms the manifest accepts that no workload runs on any more", async () => {
    await folder.run(["generate", ...INSECURE, "resources"])
    for (const name of ["coordinator", "web"]) {
      const text = await folder.read(`resources/${name}.yml`)
      await folder.write(`resources/${name}.yml`, text.replaceAll("metal-qemu-insecure", "metal-qemu-gpu-insecure"))
    }

    const { stderr } = await folder.run(["generate", "--INSECURE", "resources"])

    expect(stderr).toContain("warning: the manifest accepts Metal-QEMU-Insecure, on which no workload runs")
  })

  test("reads neither a file twice nor the history that verify keeps, and waits for no pipe in a folder", async () => {
    await folder.write("verify/history.yml", "broken: [")
    await symlink("web.yml", folder.path("resources/link.yml"))
    await promisify(execFile)("mkfifo", [folder.path("resources/pipe.yml")])

    const { exitCode } = await folder.run(["generate", ...INSECURE, "."])

    expect(exitCode).toBe(0)
    expect(await readlink(folder.path("resources/link.yml"))).toBe("web.yml")
  })

  test("says loudly that an insecure platform protects nothing", async () => {
    const { stderr } = await folder.run(["generate", ...INSECURE, "resources"])

    expect(stderr).toMatch(/^warning: INSECURE: /m)
  })

  test("says when nothing runs on the platform that was named", async () => {
    await folder.run(["generate", ...INSECURE, "resources"])

    const again = await folder.run(["generate", ...INSECURE, "resources"])
    const other = await folder.run(["generate", "--INSECURE", "--reference-values", "Metal-QEMU-TDX", "resources"])

    expect(again.stderr).not.toContain("nothing runs on")
    expect(other).toMatchObject({ exitCode: 0 })
    expect(other.stderr).toMatch(/^warning: nothing runs on Metal-QEMU-TDX: /m)
  })

  test("takes the permission for insecure platforms from the environment too", async () => {
    const env = { CONTRAST_ALLOW_INSECURE: "true" }

    const { exitCode } = await folder.run(["generate", "--reference-values", "metal-qemu-insecure", "resources"], {
      env,
    })

    expect(exitCode).toBe(0)
  })

  test("hints at the reference values of a real platform that are still to be filled in", async () => {
    await folder.write("resources/coordinator.yml", COORDINATOR.replace("contrast-insecure", "contrast-cc"))
    await folder.write("resources/web.yml", WEB.replace("contrast-insecure", "contrast-cc"))

    const { exitCode, stderr } = await folder.run(["generate", "--reference-values", "Metal-QEMU-SNP", "resources"])

    expect(exitCode).toBe(0)
    expect(stderr).toContain("$.ReferenceValues.snp[0].TrustedMeasurement")
    expect(stderr).toMatch(/^warning: manifest\.json: \$\.ReferenceValues\.snp\[0\] accepts every Milan chip/m)
    expect(stderr).not.toMatch(/snp\[[12]\] accepts/)
    expect(await folder.read("resources/web.yml")).toContain("runtimeClassName: contrast-cc-metal-qemu-snp\n")
    expect(await folder.read("resources/coordinator.yml")).not.toContain("CONTRAST_ALLOW_INSECURE")
  })

  test("warns of old evaluations of Intel's until the manifest has a least number", async () => {
    await folder.write("resources/coordinator.yml", COORDINATOR.replace("contrast-insecure", "contrast-cc"))
    await folder.write("resources/web.yml", WEB.replace("contrast-insecure", "contrast-cc"))

    const first = await folder.run(["generate", "--reference-values", "Metal-QEMU-TDX", "resources"])
    const written = await folder.read("manifest.json")
    await folder.write(
      "manifest.json",
      written.replace(/("MinTCBEvaluationDataNumber": )0/, (_all, key: string) => `${key}17`),
    )
    const second = await folder.run(["generate", "resources"])

    expect([first.exitCode, second.exitCode]).toEqual([0, 0])
    expect(first.stderr).toMatch(/^warning: manifest\.json: \$\.ReferenceValues\.tdx\[0\] accepts every evaluation/m)
    expect(second.stderr).not.toContain("accepts every evaluation")
  })

  test("fills reference values in from patches, leaves the others out, and changes no byte the second time", async () => {
    await folder.write("resources/coordinator.yml", COORDINATOR.replace("contrast-insecure", "contrast-cc"))
    await folder.write("resources/web.yml", WEB.replace("contrast-insecure", "contrast-cc"))
    const genoa = [
      { op: "test", path: "/ProductName", value: "Genoa" },
      { op: "replace", path: "/TrustedMeasurement", value: "ab".repeat(48) },
      {
        op: "replace",
        path: "/MinimumTCB",
        value: { BootloaderVersion: 7, TEEVersion: 0, SNPVersion: 15, MicrocodeVersion: 72 },
      },
    ]
    await folder.write("specs.json", JSON.stringify([genoa]))
    const patches = ["--reference-value-patches", "specs.json", "--purge-empty-reference-values"]

    const { exitCode, stderr } = await folder.run([
      "generate",
      "--reference-values",
      "Metal-QEMU-SNP",
      ...patches,
      "resources",
    ])

    expect(exitCode).toBe(0)
    expect(stderr).not.toContain("fill in these reference values")
    const { referenceValues } = parseManifest(await folder.readBytes("manifest.json"))
    expect(referenceValues).toEqual([expect.objectContaining({ kind: "snp", productName: "Genoa" })])

    const before = await folder.digest()
    const again = await folder.run(["generate", ...patches, "resources"])

    expect(again.exitCode).toBe(0)
    expect(again.stderr).toContain("warning: --reference-value-patches had no effect")
    expect(await folder.digest()).toEqual(before)
  })

  test("replaces images, the Initializer's too", async () => {
    const initializer = `registry.example/initializer@sha256:${"b".repeat(64)}`
    await folder.write("replacements", `# here are mine\n${IMAGE}=${IMAGE.replace("app:1", "app:2")}\n`)
    const flags = ["--image-replacements", "replacements", "--initializer-image", initializer]

    const { exitCode, stderr } = await folder.run(["generate", ...INSECURE, ...flags, "resources"])

    expect(exitCode).toBe(0)
    expect(await folder.read("resources/web.yml")).toContain("app:2@")
    expect(await folder.read("resources/web.yml")).toContain(`image: ${initializer}`)
    expect(stderr).not.toContain("no published Initializer")
  })
})

/** A workload of one container. */
function workload(kind: string, apiVersion: string): object {
  const spec = kind === "Pod" ? podSpec() : { template: { metadata: { labels: { app: "x" } }, spec: podSpec() } }
  return { apiVersion, kind, metadata: { name: "x" }, spec }
}

function podSpec(): object {
  const securityContext = { runAsUser: 0, runAsGroup: 0 }
  return {
    runtimeClassName: "contrast-insecure",
    containers: [{ name: "app", image: IMAGE, command: ["/app"], securityContext }],
  }
}

/** The pod spec of what {@link workload} makes, however deep it stands. */
function podSpecIn(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return undefined
  if ("containers" in value) return value
  return Object.values(value)
    .map(podSpecIn)
    .find((found) => found !== undefined)
}
