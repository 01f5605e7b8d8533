import { mkdir, rm, writeFile } from "node:fs/promises"
import path from "node:path"
import { afterEach, describe, expect, test } from "@jest/globals"
import { parseAllDocuments } from "yaml"
import { Coordinator } from "../src/coordinator.ts"
import { deployed, generated } from "../src/deployed.ts"
import { digestFolder } from "../src/folder-digest.ts"
import { fillDisk, findSmallDiskMissing, onSmallDisk } from "../src/small-disk.ts"
import type { Scene } from "../src/story/scene.ts"

interface ConfigMap {
  readonly metadata: { readonly name: string }
  readonly binaryData: Readonly<Record<string, string>>
}

const DISK_BYTES = 4 * 1024 * 1024

describe("the data directory", () => {
  let scene: Scene | undefined

  afterEach(() => scene?.stage.close())

  test("is owned by one Coordinator; a second one ends and says so", async () => {
    const deployment = (scene = await deployed())
    const { dataDirectory, stage } = deployment
    const before = await digestFolder(dataDirectory)

    const hostData = deployment.identityOf("coordinator")
    const second = Coordinator.spawn({ cwd: stage.folder, dataDirectory, hostData })
    const ended = await second.ended()

    expect(ended).toBe(5)
    expect(second.output).toMatch(/data directory|another process|lock/i)
    expect(await digestFolder(dataDirectory)).toBe(before)
    expect((await deployment.contrast("verify")).exitCode).toBe(0)
  })

  test("is free again after a crash", async () => {
    scene = await deployed()
    await scene.coordinator.crash()

    await scene.startCoordinator()

    expect(await scene.coordinator.isReady()).toBe(false)
  })

  test("that was lost is made again from what verify kept, and the seed recovers it", async () => {
    scene = await deployed()
    const { stage, dataDirectory } = scene
    await scene.coordinator.crash()
    await rm(dataDirectory, { recursive: true })

    const configMaps = parseAllDocuments((await stage.read("verify/history.yml")).toString("utf8"))
    for (const { metadata, binaryData } of configMaps.map((document) => document.toJS() as ConfigMap)) {
      const [, kind = "", name = ""] = /^contrast-store-([a-z]+)-([0-9a-z]+)$/.exec(metadata.name) ?? []
      await mkdir(path.join(dataDirectory, "history", kind), { recursive: true })
      await writeFile(path.join(dataDirectory, "history", kind, name), Buffer.from(binaryData[name] ?? "", "base64"))
    }
    await scene.startCoordinator()

    expect(await scene.coordinator.isReady()).toBe(false)
    expect((await scene.contrast("recover")).exitCode).toBe(0)
    expect((await scene.contrast("verify")).exitCode).toBe(0)
  })

  const missing = findSmallDiskMissing()
  const onDisk = missing === undefined ? test : test.skip
  onDisk(
    `keeps the old manifest when the disk is full, and takes the new one when there is room${missing ?? ""}`,
    async () => {
      const deployment = (scene = await generated())
      const { dataDirectory, stage } = deployment
      const wrapper = onSmallDisk(dataDirectory, DISK_BYTES)
      await deployment.startCoordinator({ wrapper })
      expect((await deployment.contrast("set", "resources")).exitCode).toBe(0)
      const filler = await fillDisk(deployment.coordinator.service, dataDirectory)

      const full = await deployment.contrast("set", "resources")
      const stillServed = await deployment.contrast("verify")
      await rm(filler)
      const again = await deployment.contrast("set", "resources")

      expect(full.exitCode).toBe(1)
      expect(full.stderr).toMatch(/full|no space/i)
      expect(stillServed.exitCode).toBe(0)
      expect(again.exitCode).toBe(0)
      expect(stage.services.every((service) => !service.output.includes("stack"))).toBe(true)
    },
    60_000,
  )
})
