import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { repository } from "@contrast/e2e"
import { execa } from "execa"
import { type Figure, milliseconds, percentile, timeMs } from "./figure.ts"

const GOAL = 1.5

/** How long `contrast --version` takes beside a Node that has nothing to do, turn by turn. */
export async function measureColdStart(runs: number): Promise<readonly Figure[]> {
  const folder = await mkdtemp(path.join(tmpdir(), "contrast-bench-"))
  const empty = path.join(folder, "empty.mjs")
  await writeFile(empty, "")
  const bin = (name: string) => path.join(repository, "node_modules/.bin", name)
  const idle: number[] = []
  const cli: number[] = []
  for (let run = 0; run < runs; run += 1) {
    idle.push(await timeMs(() => execa(bin("node"), [empty])))
    cli.push(await timeMs(() => execa(bin("contrast"), ["--version"])))
  }
  await rm(folder, { recursive: true })
  const [idleMs, cliMs] = [percentile(idle, 0.5), percentile(cli, 0.5)]
  const ratio = cliMs / idleMs
  return [
    { name: "empty Node script", value: milliseconds(idleMs) },
    { name: "contrast --version", value: milliseconds(cliMs) },
    { name: "ratio", value: ratio.toFixed(2), goal: { text: `≤ ${GOAL}`, isMet: ratio <= GOAL } },
  ]
}
