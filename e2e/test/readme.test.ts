import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import { execa, execaSync } from "execa"
import { freePort } from "../src/openbao.ts"
import { repository } from "../src/program.ts"

/** Ports that the README names; here the system chooses others, since a test must not need these. */
const PORTS = ["1313", "7777", "8200", "9102", "8443"]

// The walk-through uses two programs that most machines have.
const isPlayable = !execaSync("bash", ["-c", "command -v curl && command -v openssl"], { reject: false }).failed
const suite = isPlayable ? describe : describe.skip

suite(`the walk-through of the README${isPlayable ? "" : " (skipped: no bash, curl or openssl)"}`, () => {
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "contrast-readme-"))
  })
  afterAll(() => rm(folder, { recursive: true }))

  test("does what it says, every command as it stands", async () => {
    const script = await walkThrough(await readFile(path.join(repository, "README.md"), "utf8"))

    const { all, exitCode } = await execa("bash", ["-e", "-c", script], {
      cwd: repository,
      env: { TMPDIR: folder },
      reject: false,
      all: true,
    })

    expect(all).toContain("web answered 200")
    expect(all).toContain("refused: no certificate")
    expect(all).toContain("exit code 4: it needs recovery")
    expect(all).toContain("db has the same secret as before")
    expect(exitCode).toBe(0)
  }, 120_000)
})

/** The commands between the two headings. The build is done already, and the folder is another. */
async function walkThrough(readme: string): Promise<string> {
  const [, rest = ""] = readme.split("\n## By hand\n")
  const [byHand = ""] = rest.split("\n## ")
  const blocks = [...byHand.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block)
  const ports = new Map<string, string>()
  for (const port of PORTS) ports.set(port, String(await freePort()))
  // All at once: a port that was put in may have the digits of one that is still to be replaced.
  const script = blocks.join("").replace(new RegExp(PORTS.join("|"), "g"), (port) => ports.get(port) ?? port)
  const ending = "trap 'kill -9 $coordinator $server 2>/dev/null || true' EXIT\n"
  return ending + script.replace("npm run build", "true")
}
