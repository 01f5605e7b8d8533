import { existsSync, readFileSync } from "node:fs"
import { Agent } from "node:https"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import { base64, call, createMesh, startTransit, type Mesh, type Running } from "./harness.ts"

interface Case {
  readonly tcId: number
  readonly key: string
  readonly iv: string
  readonly aad: string
  readonly msg: string
  readonly ct: string
  readonly tag: string
  readonly result: "valid" | "invalid" | "acceptable"
}

interface Group {
  readonly ivSize: number
  readonly keySize: number
  readonly tagSize: number
  readonly tests: readonly Case[]
}

const folder = process.env["CONTRAST_VECTORS"] ?? join(import.meta.dirname, "../../../../../shared/vectors")
const file = join(folder, "wycheproof/aes_gcm_test.json")
const found = existsSync(file)
const suite = found ? describe : describe.skip
const { testGroups } = found
  ? (JSON.parse(readFileSync(file, "utf8")) as { testGroups: readonly Group[] })
  : { testGroups: [] }
const applicable = testGroups
  .filter(({ ivSize, keySize, tagSize }) => ivSize === 96 && keySize === 256 && tagSize === 128)
  .flatMap(({ tests }) => tests)

/** The API derives its keys; here the version stands for the number of the case whose key is to be used. */
const keys = new Map(applicable.map(({ tcId, key }) => [tcId, Buffer.from(key, "hex")]))

suite(`Wycheproof AES-GCM through the API${found ? "" : " (skipped: outside vectors not found)"}`, () => {
  let mesh: Mesh
  let running: Running
  let agent: Agent

  beforeAll(async () => {
    mesh = createMesh((_id, version) => Uint8Array.from(keys.get(version) ?? []))
    running = await startTransit(mesh)
    agent = new Agent({ keepAlive: true, rejectUnauthorized: false, ...mesh.issueClient("web") })
  })

  afterAll(async () => {
    agent.destroy()
    await running.close()
  })

  test("has cases", () => {
    expect(applicable.length).toBeGreaterThan(60)
  })

  test.each(applicable.map((vector) => [vector.tcId, vector.result, vector] as const))(
    "case %p is %s",
    async (tcId, result, { iv, aad, msg, ct, tag }) => {
      const reply = await call(
        running.port,
        undefined,
        "PUT",
        "/v1/transit/decrypt/web",
        {
          ciphertext: `vault:v${tcId}:${base64(Buffer.from(iv + ct + tag, "hex"))}`,
          ...(aad !== "" && { associated_data: base64(Buffer.from(aad, "hex")) }),
        },
        { agent },
      )

      if (result === "valid")
        expect(reply).toEqual({ status: 200, body: { data: { plaintext: base64(Buffer.from(msg, "hex")) } } })
      else expect(reply).toEqual({ status: 400, body: { errors: [expect.any(String)] } })
    },
  )
})
