/** Fetches the external tools named as arguments, or all of them, into .cache/tools. What is there already stays. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import path from "node:path"
import { fetchSource, versionOf } from "./external/source.ts"
import { externalTools, type ExternalTool } from "./external/table.ts"

const folder = path.resolve(import.meta.dirname, "../../.cache/tools")
const wanted = new Set(process.argv.slice(2))
const unknown = [...wanted].filter((name) => !externalTools.some((tool) => tool.name === name))
if (unknown.length > 0) {
  console.error(`unknown tool ${unknown.join(", ")}; known: ${externalTools.map((tool) => tool.name).join(", ")}`)
  process.exit(2)
}

await mkdir(folder, { recursive: true })
for (const tool of externalTools) {
  if (wanted.size === 0 || wanted.has(tool.name)) await provide(tool)
}

async function provide(tool: ExternalTool): Promise<void> {
  const label = `${tool.name} ${versionOf(tool.source)}`
  try {
    console.log(`${(await isPresent(tool)) ? "have" : await fetchTool(tool)} ${label}`)
  } catch (error) {
    console.error(`FAILED ${label}: ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = 1
  }
}

/** The stamp is written last, so a fetch that stopped half-way is not taken for a tool. */
async function isPresent(tool: ExternalTool): Promise<boolean> {
  const stamp = await readFile(stampOf(tool), "utf8").catch(() => "")
  return stamp === JSON.stringify(tool.source)
}

async function fetchTool(tool: ExternalTool): Promise<"fetched"> {
  const target = path.join(folder, tool.name)
  const files = await mkdtemp(path.join(folder, ".fetch-"))
  try {
    await fetchSource(tool.source, files)
    await rm(target, { recursive: true, force: true })
    await tool.place(files, target)
    await writeFile(stampOf(tool), JSON.stringify(tool.source))
    return "fetched"
  } finally {
    await rm(files, { recursive: true, force: true })
  }
}

function stampOf(tool: ExternalTool): string {
  return path.join(folder, `.${tool.name}.json`)
}
