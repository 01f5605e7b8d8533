import { readFile, writeFile } from "node:fs/promises"
import path from "node:path"
import type { AttestedConnection } from "@contrast/atls"
import { openSeedShare, parseSeedShareDocument, parseSeedshareOwnerKey } from "@contrast/crypto"
import { parseManifest } from "@contrast/manifest"
import { UserAPIService, UserRecoverRequest } from "@contrast/protocol"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import { deployed } from "../src/deployed.ts"
import { readFileTree } from "../src/file-tree.ts"
import type { Scene } from "../src/story/scene.ts"
import { connectAsUser } from "../src/user-connection.ts"

// The Coordinator reads its history when it recovers, so one that waits for recovery can be shown many damaged ones.
describe("a Coordinator with a damaged history", () => {
  let scene: Scene
  let connection: AttestedConnection
  let request: UserRecoverRequest
  let files: readonly string[]

  beforeAll(async () => {
    scene = await deployed()
    expect((await scene.contrast("set", "resources")).exitCode).toBe(0)
    await scene.coordinator.crash()
    await scene.startCoordinator()
    const owner = parseSeedshareOwnerKey((await scene.stage.read("seedshare-owner.pem")).toString("utf8"))
    const shares = parseSeedShareDocument(await scene.stage.read("seed-shares.json"))
    request = UserRecoverRequest.fromPartial({ Seed: openSeedShare(shares, owner), Salt: shares.salt })
    const manifest = parseManifest(await scene.stage.read("manifest.json"))
    connection = await connectAsUser(scene.coordinator.userAddress, manifest, owner)
    const history = path.join(scene.dataDirectory, "history")
    files = (await readFileTree(history)).map(({ name }) => path.join(history, name))
  })
  afterAll(async () => {
    connection.close()
    await scene.stage.close()
  })

  /** Tries to recover on a file with these bytes, puts the file right again, and gives the code of the refusal. */
  async function recoverWith(file: string, bytes: Uint8Array): Promise<unknown> {
    const original = await readFile(file)
    await writeFile(file, bytes)
    try {
      await connection.call(UserAPIService.recover, request)
      return "recovered"
    } catch (error) {
      return (error as { code?: unknown }).code
    } finally {
      await writeFile(file, original)
    }
  }

  const flip = (bytes: Buffer, bit: number) => bytes.with(bit >> 3, (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7)))
  const folderOf = (file: string) => path.basename(path.dirname(file))

  test("has files of every kind to damage", () => {
    expect(new Set(files.map(folderOf))).toEqual(new Set(["manifests", "policies", "transitions"]))
  })

  test("does not recover with any byte of the signed head altered", async () => {
    const file = scene.latestFile
    const bytes = await readFile(file)

    const codes = new Set<unknown>()
    for (let byte = 0; byte < bytes.length; byte += 1)
      codes.add(await recoverWith(file, flip(bytes, byte * 8 + (byte % 8))))

    expect(codes).not.toContain("recovered")
    expect(codes).not.toContain("INTERNAL")
  }, 120_000)

  test("does not recover with a bit of any file flipped, or a byte missing or added", async () => {
    for (const file of files) {
      const bytes = await readFile(file)
      const bits = Array.from({ length: 16 }, (_, index) => Math.floor((index * (bytes.length * 8 - 1)) / 15))
      const damaged = [
        ...bits.map((bit) => flip(bytes, bit)),
        bytes.subarray(1),
        bytes.subarray(0, -1),
        Buffer.concat([bytes, bytes.subarray(0, 1)]),
      ]

      const codes = new Set<unknown>()
      for (const each of damaged) codes.add(await recoverWith(file, each))

      expect([file, ...codes]).not.toContain("recovered")
      expect([file, ...codes]).not.toContain("INTERNAL")
    }
  }, 120_000)

  test("recovers when all is as it was", async () => {
    expect(await scene.coordinator.isReady()).toBe(false)

    await connection.call(UserAPIService.recover, request)

    expect(await scene.coordinator.isReady()).toBe(true)
  })
})
