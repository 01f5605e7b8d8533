/** Plays the story in a temporary workspace with the built programs, and tells it step by step. */
import { styleText } from "node:util"
import { findMissing } from "../external-tool.ts"
import { Stage } from "../stage.ts"
import { Scene } from "../story/scene.ts"
import type { Step } from "../story/step.ts"
import { story } from "../story/story.ts"
import { indent, wrap } from "./text.ts"

const started = performance.now()
const stage = await Stage.open({
  onCommand: (line) => {
    say(styleText("dim", indent(`$ ${line.replaceAll(stage.folder, ".")}`)))
  },
})
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void stage.close().finally(() => process.exit(130)))
}

say(`Contrast, the main job end to end, on the insecure platform: real programs and sockets, no protection by hardware.
Workspace: ${stage.folder}`)
try {
  await tell()
  summarize()
} catch (error) {
  say(styleText("red", `\nThe story ended early: ${error instanceof Error ? error.message : String(error)}`))
  process.exitCode = 1
} finally {
  await stage.close()
}

async function tell(): Promise<void> {
  const scene = new Scene(stage)
  for (const [index, chapter] of story.entries()) {
    say(styleText("bold", `\n${index + 1}. ${chapter.title}`))
    for (const step of chapter.steps) await tellStep(step, scene)
  }
}

async function tellStep(step: Step, scene: Scene): Promise<void> {
  say(`\n${indent(styleText("bold", wrap(sentence(step.title))))}`)
  say(indent(styleText("italic", wrap(step.why))))
  const missing = findMissing(step.needs)
  const seen = missing === undefined ? await step.act(scene) : [missing]
  for (const line of seen) say(indent(`${styleText("green", "✓")} ${wrap(line)}`))
}

function summarize(): void {
  const steps = story.reduce((sum, chapter) => sum + chapter.steps.length, 0)
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  say(styleText("bold", `\nSummary`))
  say(
    indent(
      wrap(
        `${steps} steps in ${seconds} s, all as they should be. The Coordinator was lost and recovered; root CA key, signing ` +
          "key and workload secrets outlived it. All processes are stopped and the workspace is removed. To play it by " +
          "hand, follow the walk-through in README.md.",
      ),
    ),
  )
}

function sentence(title: string): string {
  return `${title.charAt(0).toUpperCase()}${title.slice(1)}.`
}

function say(text: string): void {
  console.log(text)
}
