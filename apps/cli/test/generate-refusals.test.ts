import { afterEach, beforeEach, describe, expect, test } from "@jest/globals"
import { Folder } from "./support/folder.ts"
import { PEMS } from "./support/keys.ts"
import { COORDINATOR, IMAGE, INSECURE, deployment } from "./support/resources.ts"

const ANNOTATED = (annotation: string): string => deployment("web", `\n      annotations: { ${annotation} }`)

interface Case {
  readonly files?: Readonly<Record<string, string | Uint8Array>>
  readonly args?: readonly string[]
  readonly exitCode: number
  readonly stderr: RegExp
}

/** What is wrong, and what the program says of it: the place, and what to do. */
const CASES: readonly (readonly [string, Case])[] = [
  [
    "broken YAML",
    { files: { "resources/web.yml": "a: [1\nb: 2\n" }, exitCode: 1, stderr: /resources\/web\.yml:2:1: / },
  ],
  [
    "a key that stands twice",
    {
      files: { "resources/web.yml": "a: 1\na: 2\n" },
      exitCode: 1,
      stderr: /resources\/web\.yml:2:1: .*duplicate key "a"/,
    },
  ],
  [
    "several broken files at once",
    {
      files: { "resources/a.yml": "a: [1\n", "resources/b.yml": "b: {\n" },
      exitCode: 1,
      stderr: /a\.yml:2:1[^]*b\.yml:2:1/,
    },
  ],
  [
    "a file that is no text",
    {
      files: { "resources/web.yml": Uint8Array.of(0xff, 0xfe) },
      exitCode: 1,
      stderr: /resources\/web\.yml is no text in UTF-8/,
    },
  ],
  [
    "a field that policies do not know",
    {
      files: { "resources/web.yml": deployment("web").replace("command:", "comand:") },
      exitCode: 1,
      stderr: /Deployment\/web: .*comand: /,
    },
  ],
  [
    "an image without digest",
    {
      files: { "resources/web.yml": deployment("web").replace(/@sha256:a+/, "") },
      exitCode: 1,
      stderr: /Deployment\/web: .*image: .*digest/,
    },
  ],
  [
    "an unknown platform",
    {
      args: ["--INSECURE", "--reference-values", "Metal-QEMU-SNPP"],
      exitCode: 2,
      stderr: /unknown platform "Metal-QEMU-SNPP", did you mean "Metal-QEMU-SNP"/,
    },
  ],
  [
    "an unknown platform in a runtime class",
    {
      files: { "resources/web.yml": deployment("web").replace("contrast-insecure", "contrast-cc-moon") },
      exitCode: 1,
      stderr: /unknown runtime class contrast-cc-moon; known: contrast-cc-metal/,
    },
  ],
  [
    "no platform at all",
    { args: ["--INSECURE"], exitCode: 1, stderr: /names no platform: give it with --reference-values/ },
  ],
  [
    "an insecure class on a platform that attests",
    {
      args: ["--reference-values", "Metal-QEMU-SNP"],
      exitCode: 1,
      stderr: /contrast-insecure does not run on Metal-QEMU-SNP/,
    },
  ],
  [
    "an insecure platform that was not allowed",
    {
      args: ["--reference-values", "Metal-QEMU-Insecure"],
      exitCode: 1,
      stderr: /resources\/\S+\.yml: \w+\/\S+: contrast-insecure stands for .*does not attest[^]*hint: .*--INSECURE/,
    },
  ],
  [
    "secure and insecure workloads in one deployment",
    {
      files: { "resources/web.yml": deployment("web").replace("contrast-insecure", "contrast-cc-metal-qemu-snp") },
      exitCode: 1,
      stderr: /must not mix secure and insecure/,
    },
  ],
  [
    "a map in the place of a list that generate adds to",
    {
      files: {
        "resources/web.yml": deployment("web").replace(
          "      containers:",
          "      volumes:\n        name: data\n        configMap: {name: cfg}\n      initContainers:\n        setup: {image: x}\n      containers:",
        ),
      },
      exitCode: 1,
      stderr:
        /Deployment\/web: spec\.initContainers: expected a list\n.*Deployment\/web: spec\.volumes: expected a list/,
    },
  ],
  [
    "a secure-pv that names no volume",
    {
      files: { "resources/web.yml": ANNOTATED('contrast.edgeless.systems/secure-pv: "disk:state"') },
      exitCode: 1,
      stderr:
        /Deployment\/web: contrast.edgeless.systems\/secure-pv: there is no volume "disk"; the pod's volumes: none/,
    },
  ],
  [
    "a secure-pv that is not of the form device:mount",
    {
      files: { "resources/web.yml": ANNOTATED('contrast.edgeless.systems/secure-pv: "disk"') },
      exitCode: 1,
      stderr: /expected "<device>:<mount>"/,
    },
  ],
  [
    "an encrypted disk that nothing would open, since its Initializer is taken out",
    {
      files: {
        "resources/web.yml": ANNOTATED(
          'contrast.edgeless.systems/secure-pv: "disk:state", contrast.edgeless.systems/skip-initializer: "true"',
        ).replace("containers:", "initContainers: [{ name: contrast-initializer }]\n      containers:"),
      },
      exitCode: 1,
      stderr: /Deployment\/web: secure-pv: nothing would open the encrypted disk/,
    },
  ],
  [
    "an annotation that stands on the workload instead of its pods",
    {
      files: {
        "resources/web.yml": deployment("web").replace(
          "  name: web\n",
          "  name: web\n  annotations: { contrast.edgeless.systems/secure-pv: a:b }\n",
        ),
      },
      exitCode: 1,
      stderr: /secure-pv: has no effect here: it belongs into the annotations of the pod template/,
    },
  ],
  [
    "a misspelt annotation",
    {
      files: { "resources/web.yml": ANNOTATED('contrast.edgeless.systems/secure-vp: "a:b"') },
      exitCode: 1,
      stderr: /secure-vp: unknown annotation/,
    },
  ],
  [
    "annotations of the service mesh",
    {
      files: { "resources/web.yml": ANNOTATED('contrast.edgeless.systems/servicemesh-ingress: ""') },
      exitCode: 1,
      stderr: /service mesh proxy is not supported/,
    },
  ],
  [
    "two workloads with one policy",
    {
      files: { "resources/web2.yml": deployment("web") },
      exitCode: 1,
      stderr: /web2\.yml: Deployment\/web: policy hash collision: .*Deployment\/web in resources\/web\.yml/,
    },
  ],
  [
    "a workload whose name fits into no certificate",
    {
      files: { "resources/web.yml": deployment("web of lies") },
      exitCode: 1,
      stderr: /resources\/web\.yml: Deployment\/web of lies: metadata\.name: expected a DNS name.*got "web of lies"/,
    },
  ],
  [
    "a Coordinator whose container has another name, and would refuse the manifest",
    {
      files: { "resources/coordinator.yml": COORDINATOR.replace("- name: coordinator", "- name: main") },
      exitCode: 1,
      stderr: /coordinator\.yml:18:\d+: StatefulSet\/coordinator: .*a container of the name "coordinator".*: rename/,
    },
  ],
  [
    "no Coordinator",
    {
      files: { "resources/coordinator.yml": "" },
      exitCode: 1,
      stderr: /none of the files holds the Coordinator[^]*pod-role/,
    },
  ],
  [
    "no confidential workload",
    {
      files: { "resources/coordinator.yml": "", "resources/web.yml": "" },
      exitCode: 1,
      stderr: /runtimeClassName: contrast-cc/,
    },
  ],
  [
    "a path that leads nowhere",
    { args: [...INSECURE, "absent"], exitCode: 1, stderr: /cannot read absent: no such file/ },
  ],
  [
    "a manifest with a misspelt key",
    {
      files: { "manifest.json": '{\n  "Polices": {},\n  "ReferenceValues": {}\n}' },
      exitCode: 1,
      stderr: /manifest\.json:2:3: \$\.Polices: .*"Policies"/,
    },
  ],
  ["a manifest that is no JSON", { files: { "manifest.json": "{" }, exitCode: 1, stderr: /manifest\.json:1:2: / }],
  [
    "a workload owner key of the wrong kind",
    {
      files: { "workload-owner.pem": PEMS.seedshare },
      exitCode: 1,
      stderr: /workload-owner\.pem is no workload owner key \(EC\): .*rsa/,
    },
  ],
  [
    "a seed share owner key of the wrong kind",
    {
      files: { "seedshare-owner.pem": PEMS.workload },
      exitCode: 1,
      stderr: /seedshare-owner\.pem is no seed share owner key \(RSA\): /,
    },
  ],
  [
    "a key file that is none",
    { files: { "workload-owner.pem": "hello" }, exitCode: 1, stderr: /workload-owner\.pem is no .*no PEM block/ },
  ],
  [
    "one of several owner keys missing",
    {
      args: [...INSECURE, "-w", "workload-owner.pem", "-w", "absent.pem"],
      exitCode: 1,
      stderr: /cannot read absent\.pem/,
    },
  ],
  [
    "owner keys beside --disable-updates",
    { args: [...INSECURE, "-d", "-w", "workload-owner.pem"], exitCode: 2, stderr: /cannot be used with/ },
  ],
  [
    "lines that are no image replacements",
    {
      files: { replacements: "a=b\nc\n" },
      args: [...INSECURE, "--image-replacements", "replacements"],
      exitCode: 1,
      stderr: /replacements:2: expected "from=to"/,
    },
  ],
  [
    "an output in place of a key",
    { args: [...INSECURE, "-m", "workload-owner.pem"], exitCode: 1, stderr: /workload-owner\.pem/ },
  ],
  [
    "a folder that is a file",
    {
      args: [...INSECURE, "-o", "manifest-folder/x/"],
      files: { "manifest-folder": "" },
      exitCode: 1,
      stderr: /cannot read manifest-folder\/x/,
    },
  ],
]

let folder: Folder

beforeEach(async () => {
  folder = await Folder.create({
    "resources/coordinator.yml": COORDINATOR,
    "resources/web.yml": deployment("web"),
    "workload-owner.pem": PEMS.workload,
    "seedshare-owner.pem": PEMS.seedshare,
  })
})
afterEach(() => folder.close())

describe("contrast generate", () => {
  test.each(CASES)(
    "refuses %s, and changes nothing",
    async (_name, { files = {}, args = INSECURE, exitCode, stderr }) => {
      for (const [name, content] of Object.entries(files)) await folder.write(name, content)
      const before = await folder.digest()

      const finished = await folder.run(["generate", ...args, "resources"])

      expect(finished.stderr).toMatch(stderr)
      expect(finished.stderr).toMatch(/^error: /m)
      expect(finished.stderr).not.toContain("unexpected")
      expect(finished.exitCode).toBe(exitCode)
      expect(finished.stdout).toBe("")
      expect(await folder.digest()).toEqual(before)
    },
  )

  test("changes nothing when the last file cannot be written", async () => {
    await folder.write("resources/list.yml", deployment("other"))
    await folder.write("out/web.yml/taken", "")
    const before = await folder.digest()

    const { exitCode, stderr } = await folder.run(["generate", ...INSECURE, "resources", "-o", "out"])

    expect(exitCode).toBe(1)
    expect(stderr).toContain("out/web.yml")
    expect(await folder.digest()).toEqual(before)
  })

  test("tells programs what is wrong, too", async () => {
    await folder.write("resources/web.yml", deployment("web").replace(IMAGE, "registry.example/app:1"))

    const { exitCode, stdout } = await folder.run(["generate", ...INSECURE, "resources", "--output", "json"])

    expect(exitCode).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      version: 1,
      command: "generate",
      error: {
        code: "WORKLOAD",
        exitCode: 1,
        problems: [
          { file: "resources/web.yml", resource: "Deployment/web", path: "spec.template.spec.containers[0].image" },
        ],
      },
    })
  })
})
