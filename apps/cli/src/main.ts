import { VERSION } from "./version.ts"

const [first, ...others] = process.argv.slice(2)
if ((first === "--version" || first === "-V") && others.length === 0) {
  // Scripts ask for this often; it needs nothing of the rest.
  process.stdout.write(`${VERSION}\n`)
} else {
  const { start } = await import("./start.ts")
  await start()
}
