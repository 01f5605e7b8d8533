import { existsSync, readFileSync } from "node:fs"
import { Agent } from "node:https"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import { base64, call, createMesh, startTransit, type Mesh, type Reply, type Running } from "./harness.ts"

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
const select = (isSelected: (group: Group) => boolean): readonly Case[] =>
  testGroups.filter(isSelected).flatMap(({ tests }) => tests)

/** Only decryption takes the nonce of a case: that of an encryption is the API's to draw. */
const applicable = select(({ keySize, ivSize, tagSize }) => keySize === 256 && ivSize === 96 && tagSize === 128)
/** The text form has 12 bytes of nonce; what has more or fewer is another ciphertext there, and must not open. */
const otherNonces = select(({ keySize, ivSize }) => keySize === 256 && ivSize !== 96)
/** The API has keys of 256 bits only, so no request can mean these. */
const otherKeys = select(({ keySize }) => keySize !== 256)

/** The API derives its keys; here the version stands for the number of the case whose key is to be used. */
const keys = new Map([...applicable, ...otherNonces].map(({ tcId, key }) => [tcId, Buffer.from(key, "hex")]))

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

  test("has cases, and leaves out only those of other key sizes", () => {
    expect([applicable, otherNonces, otherKeys].map(({ length }) => length)).toEqual([66, 39, 211])
    expect(testGroups.flatMap(({ tests }) => tests)).toHaveLength(66 + 39 + 211)
  })

  const decrypt = ({ tcId, iv, aad, ct, tag }: Case): Promise<Reply> =>
    call(
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

  test.each(otherNonces.map((vector) => [vector.tcId, vector.iv.length / 2, vector] as const))(
    "case %p with a nonce of %p bytes does not open",
    async (_tcId, _size, vector) => {
      expect(await decrypt(vector)).toEqual({ status: 400, body: { errors: [expect.any(String)] } })
    },
  )

  test.each(applicable.map((vector) => [vector.tcId, vector.result, vector] as const))(
    "case %p is %s",
    async (_tcId, result, vector) => {
      const reply = await decrypt(vector)

      if (result === "valid")
        expect(reply).toEqual({ status: 200, body: { data: { plaintext: base64(Buffer.from(vector.msg, "hex")) } } })
      else expect(reply).toEqual({ status: 400, body: { errors: [expect.any(String)] } })
    },
  )
})
