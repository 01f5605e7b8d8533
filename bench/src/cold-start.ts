import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { repository } from "@contrast/e2e"
import { execa } from "execa"
import { type Figure, milliseconds, percentile, timeMs } from "./figure.ts"

const GOAL = 1.5

/** What a person types first, and what scripts ask most. */
const COMMANDS = ["--version", "--help"] as const

/** How long `contrast` takes to answer beside a Node that has nothing to do, turn by turn. */
export async function measureColdStart(runs: number): Promise<readonly Figure[]> {
  const folder = await mkdtemp(path.join(tmpdir(), "contrast-bench-"))
  const empty = path.join(folder, "empty.mjs")
  await writeFile(empty, "")
  const bin = (name: string) => path.join(repository, "node_modules/.bin", name)
  const idle: number[] = []
  const samples = COMMANDS.map((command) => ({ command, times: [] as number[] }))
  for (let run = 0; run < runs; run += 1) {
    idle.push(await timeMs(() => execa(bin("node"), [empty])))
    for (const { command, times } of samples) times.push(await timeMs(() => execa(bin("contrast"), [command])))
  }
  await rm(folder, { recursive: true })
  const idleMs = percentile(idle, 0.5)
  return [
    { name: "empty Node script", value: milliseconds(idleMs) },
    ...samples.flatMap(({ command, times }) => figuresOf(command, percentile(times, 0.5), idleMs)),
  ]
}

function figuresOf(command: string, medianMs: number, idleMs: number): readonly Figure[] {
  const ratio = medianMs / idleMs
  return [
    { name: `contrast ${command}`, value: milliseconds(medianMs) },
    { name: "  ratio", value: ratio.toFixed(2), goal: { text: `≤ ${GOAL}`, isMet: ratio <= GOAL } },
  ]
}
