import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import { findNeedles } from "../src/canary/needle.ts"
import { ProcessTable } from "../src/canary/process-table.ts"
import { storySecrets } from "../src/canary/story-secrets.ts"
import { findMissing } from "../src/external-tool.ts"
import { readFileTree } from "../src/file-tree.ts"
import { Stage } from "../src/stage.ts"
import { Scene } from "../src/story/scene.ts"
import type { Step } from "../src/story/step.ts"
import { story } from "../src/story/story.ts"

/** Where secrets belong: what the Initializer left for its own pod, and the keys of the owners themselves. */
const PLACES_OF_SECRETS =
  /^(pods\/[^/]+\/contrast\/(secrets\/workload-secret-seed|tls-config\/key\.pem)|[a-z-]+-owner\.pem)$/

// The demo tells these very steps; each checks what its title says. All programs run at their most verbose level.
describe("the main job", () => {
  let stage: Stage
  let scene: Scene
  let processes: ProcessTable

  beforeAll(async () => {
    processes = new ProcessTable()
    stage = await Stage.open({ isVerbose: true })
    scene = new Scene(stage)
  })
  afterAll(async () => {
    await processes.stop()
    await stage.close()
  })

  const play = async (step: Step): Promise<void> => {
    await step.act(scene)
  }

  for (const chapter of story) {
    describe(chapter.title, () => {
      for (const step of chapter.steps) {
        const missing = findMissing(step.needs)
        const title = missing === undefined ? step.title : `${step.title} (${missing})`
        const run = missing === undefined ? test : test.skip
        run(title, () => play(step), 60_000)
      }
    })
  }

  describe("afterwards", () => {
    test("no output of any program holds a secret", async () => {
      const needles = await storySecrets(scene)

      expect(stage.outputs.length).toBeGreaterThan(20)
      expect(stage.outputs.flatMap((output) => findNeedles(needles, Buffer.from(output)))).toEqual([])
    })

    test("no arguments or environment of any process held a secret", async () => {
      const needles = await storySecrets(scene)

      expect(processes.seen.some((text) => text.includes("contrast-coordinator"))).toBe(true)
      expect(processes.seen.flatMap((text) => findNeedles(needles, text))).toEqual([])
    })

    test("no file holds a secret but those that are meant to", async () => {
      const needles = await storySecrets(scene)
      const files = await readFileTree(stage.folder)
      const found = files.map(({ name, bytes }) => ({ name, secrets: findNeedles(needles, bytes) }))
      const holding = found.filter(({ secrets }) => secrets.length > 0).map(({ name }) => name)

      expect(holding.length).toBeGreaterThan(0)
      expect(holding.filter((name) => !PLACES_OF_SECRETS.test(name))).toEqual([])
    })
  })
})
