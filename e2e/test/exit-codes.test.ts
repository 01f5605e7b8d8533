import { createServer, type Server } from "node:net"
import { writeFile } from "node:fs/promises"
import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import { deployed } from "../src/deployed.ts"
import type { Scene } from "../src/story/scene.ts"

const NOBODY = "0".repeat(64)

describe("exit codes of contrast", () => {
  let scene: Scene
  let silent: Server

  beforeAll(async () => {
    scene = await deployed()
    silent = createServer((socket) => socket.on("error", () => undefined)).listen(0, "127.0.0.1")
    await once(silent, "listening")
  })
  afterAll(async () => {
    silent.close()
    await scene.stage.close()
  })

  test("0 when all is well", async () => {
    expect((await scene.contrast("verify")).exitCode).toBe(0)
  })

  test("1 when the manifest at the Coordinator is another one", async () => {
    const { manifest, changed } = await changedManifest()
    await writeFile(scene.stage.path("other-manifest.json"), changed)

    const finished = await scene.contrast("verify", "--manifest", "other-manifest.json")

    expect(manifest).not.toBe(changed)
    expect(finished).toMatchObject({ exitCode: 1, stdout: "" })
  })

  test.each([
    ["an unknown command", ["conjure"]],
    ["an unknown flag", ["verify", "--coordinator", "127.0.0.1:1", "--conjure"]],
    ["a flag that must be there", ["verify"]],
    ["an address without a port", ["verify", "--coordinator", "127.0.0.1"]],
    ["a platform that nobody knows", ["generate", "--reference-values", "Toaster", "resources"]],
  ])("2 for %s", async (_mistake, args) => {
    const finished = await scene.stage.contrast(...args)

    expect(finished).toMatchObject({ exitCode: 2, stdout: "" })
    expect(finished.stderr).not.toBe("")
  })

  test("3 when the Coordinator attests something else, naming what was expected and what came", async () => {
    const dataDirectory = scene.stage.path("impostor-data")
    const impostor = await scene.stage.startCoordinator({ dataDirectory, hostData: NOBODY })

    const finished = await scene.stage.contrast("verify", "--coordinator", impostor.userAddress)

    expect(finished).toMatchObject({ exitCode: 3, stdout: "" })
    expect(finished.stderr).toContain(NOBODY)
    expect(finished.stderr).toContain("manifest.json")
  })

  test("5 when another manifest was set meanwhile", async () => {
    const finished = await scene.contrast("set", "--atomic", "--latest-transition", NOBODY, "resources")

    expect(finished).toMatchObject({ exitCode: 5, stdout: "" })
  })

  test("6 when nothing listens there", async () => {
    const finished = await scene.stage.contrast("verify", "--coordinator", "127.0.0.1:1")

    expect(finished).toMatchObject({ exitCode: 6, stdout: "" })
  })

  test("6 when what listens there never answers", async () => {
    const { port } = silent.address() as AddressInfo // a TCP listener has no other form of address
    const finished = await scene.stage.contrast("set", "--wait", "0", "--coordinator", `127.0.0.1:${port}`, "resources")

    expect(finished).toMatchObject({ exitCode: 6, stdout: "" })
  })

  test("--output json says the same to programs", async () => {
    const { stdout } = await scene.contrast("verify", "--output", "json")

    expect(JSON.parse(stdout)).toMatchObject({ command: "verify" })
  })

  async function changedManifest() {
    const manifest = (await scene.stage.read("manifest.json")).toString("utf8")
    return { manifest, changed: manifest.replace("{", "{ ") }
  }
})
