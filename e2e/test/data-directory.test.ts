import { rm } from "node:fs/promises"
import { afterEach, describe, expect, test } from "@jest/globals"
import { Coordinator } from "../src/coordinator.ts"
import { deployed, generated } from "../src/deployed.ts"
import { digestFolder } from "../src/folder-digest.ts"
import { fillDisk, findSmallDiskMissing, onSmallDisk } from "../src/small-disk.ts"
import type { Scene } from "../src/story/scene.ts"

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
