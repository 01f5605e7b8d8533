import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import { readdir } from "node:fs/promises"
import path from "node:path"
import { execa } from "execa"
import { externalTool, findMissing } from "../src/external-tool.ts"
import { repository, Stage } from "../src/index.ts"

const missing = findMissing("kubeconform") ?? findMissing("kubernetes-schemas")
const LIMIT_MS = 60_000

const suite = missing === undefined ? describe : describe.skip

suite(`Kubernetes' own schemas${missing === undefined ? "" : ` (${missing})`}`, () => {
  let stage: Stage

  beforeAll(async () => {
    stage = await Stage.open()
    const generate = ["generate", "--INSECURE", "--reference-values", "Metal-QEMU-Insecure", "resources"]
    expect((await stage.contrast(...generate)).exitCode).toBe(0)
  }, LIMIT_MS)

  afterAll(() => stage.close())

  test(
    "accept every file in deploy, without a field that they do not know",
    async () => {
      await expectValid(await findYaml(path.join(repository, "deploy")))
    },
    LIMIT_MS,
  )

  test(
    "accept what generate writes",
    async () => {
      await expectValid(await findYaml(stage.path("resources")))
    },
    LIMIT_MS,
  )

  test(
    "refuse a misspelt field, so that the check is known to look",
    async () => {
      const { exitCode, stdout } = await validate(
        [],
        "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {port: []}\n",
      )

      expect(exitCode).toBe(1)
      expect(stdout).toContain("additional properties 'port' not allowed")
    },
    LIMIT_MS,
  )
})

async function findYaml(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder, { recursive: true })
  return names.filter((name) => /\.ya?ml$/.test(name)).map((name) => path.join(folder, name))
}

async function expectValid(files: readonly string[]): Promise<void> {
  const { stdout } = await validate(files)

  expect(files.length).toBeGreaterThan(2)
  expect(stdout).toMatch(/Invalid: 0, Errors: 0, Skipped: 0$/)
}

/** Checks files, or one text, against the schemas alone: nothing is fetched. */
function validate(files: readonly string[], input = "") {
  const schemas = path.join(externalTool("kubernetes-schemas"), "{{ .ResourceKind }}{{ .KindSuffix }}.json")
  const args = ["-strict", "-summary", "-schema-location", schemas, ...files]
  return execa(externalTool("kubeconform"), args, { reject: false, input })
}
