import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import { generated } from "../src/deployed.ts"
import type { Scene } from "../src/story/scene.ts"

describe("--handshake-attestation", () => {
  let scene: Scene

  beforeAll(async () => {
    scene = await generated()
    await scene.startCoordinator()
  })
  afterAll(() => scene.stage.close())

  test("sets and verifies with evidence inside the TLS handshake", async () => {
    const set = await scene.contrast("set", "--handshake-attestation", "resources")
    const verify = await scene.contrast("verify", "--handshake-attestation")

    expect(set).toMatchObject({ exitCode: 0 })
    expect(verify).toMatchObject({ exitCode: 0 })
  })

  test("refuses a Coordinator that attests something else", async () => {
    const impostor = await scene.stage.startCoordinator({
      dataDirectory: scene.stage.path("impostor-data"),
      hostData: "0".repeat(64),
    })
    const finished = await scene.stage.contrast("verify", "--handshake-attestation", "-c", impostor.userAddress)

    expect(finished.exitCode).toBe(3)
  })
})
