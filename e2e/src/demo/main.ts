/** Plays the story in a temporary workspace with the built programs, and tells it step by step. */
import { styleText } from "node:util"
import { findMissing } from "../external-tool.ts"
import { Stage } from "../stage.ts"
import { Scene } from "../story/scene.ts"
import type { Step } from "../story/step.ts"
import { story } from "../story/story.ts"
import { summarize, type Tally } from "./summary.ts"
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
  const counts = await tell()
  await stage.close()
  conclude(counts)
} catch (error) {
  say(styleText("red", `\nThe story ended early: ${error instanceof Error ? error.message : String(error)}`))
  process.exitCode = 1
} finally {
  await stage.close()
}

async function tell(): Promise<Omit<Tally, "seconds">> {
  const scene = new Scene(stage)
  let played = 0
  let skipped = 0
  for (const [index, chapter] of story.entries()) {
    say(styleText("bold", `\n${index + 1}. ${chapter.title}`))
    for (const step of chapter.steps) {
      if (await tellStep(step, scene)) played += 1
      else skipped += 1
    }
  }
  return { played, skipped }
}

/** Returns whether the step was played. */
async function tellStep(step: Step, scene: Scene): Promise<boolean> {
  say(`\n${indent(styleText("bold", wrap(sentence(step.title))))}`)
  say(indent(styleText("italic", wrap(step.why))))
  const missing = findMissing(step.needs)
  if (missing !== undefined) {
    say(indent(styleText("yellow", `– ${wrap(missing)}`)))
    return false
  }
  for (const line of await step.act(scene)) say(indent(`${styleText("green", "✓")} ${wrap(line)}`))
  return true
}

function conclude(counts: Omit<Tally, "seconds">): void {
  const seconds = (performance.now() - started) / 1000
  say(styleText("bold", `\nSummary`))
  say(indent(wrap(summarize({ ...counts, seconds }))))
}

function sentence(title: string): string {
  return `${title.charAt(0).toUpperCase()}${title.slice(1)}.`
}

function say(text: string): void {
  console.log(text)
}
