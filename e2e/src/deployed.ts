import { mkdir } from "node:fs/promises"
import { Stage, type StageOptions } from "./stage.ts"
import { Scene, succeeded } from "./story/scene.ts"

/** A deployment with its first manifest generated but no Coordinator yet. */
export async function generated(options: StageOptions = {}): Promise<Scene> {
  const scene = new Scene(await Stage.open(options))
  await scene.generate()
  await mkdir(scene.dataDirectory)
  return scene
}

/** A running Coordinator with its first manifest set and verified. */
export async function deployed(): Promise<Scene> {
  const scene = await generated()
  await scene.startCoordinator()
  succeeded(await scene.contrast("set", "resources"))
  succeeded(await scene.contrast("verify"))
  return scene
}
