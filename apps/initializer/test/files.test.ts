import { afterEach, beforeEach, expect, test } from "@jest/globals"
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import {
  type Credentials,
  credentialFiles,
  findRootCa,
  readWorkloadSecretText,
  removeDone,
  writeDone,
  writeFiles,
} from "../src/files.ts"
import { codeOfAsync } from "./support/code-of.ts"

let rootDir: string

beforeEach(async () => {
  rootDir = await mkdtemp(path.join(tmpdir(), "initializer-"))
})

afterEach(async () => {
  await rm(rootDir, { recursive: true })
})

const text = (value: string) => new TextEncoder().encode(value)

const credentials: Credentials = {
  keyPem: "key",
  certificateChain: text("chain"),
  meshCa: text("mesh"),
  rootCa: text("root"),
  workloadSecret: new Uint8Array(64).fill(0xab),
}

async function modeOf(name: string): Promise<string> {
  return ((await stat(path.join(rootDir, name))).mode & 0o777).toString(8)
}

test("writes every file with its content and mode, whatever the umask", async () => {
  const umask = process.umask(0o777)
  try {
    process.umask(0o077)
    await writeFiles(rootDir, credentialFiles(credentials))
    await writeDone(rootDir)
  } finally {
    process.umask(umask)
  }

  expect(await modeOf("contrast/tls-config")).toBe("755")
  expect(await modeOf("contrast/secrets")).toBe("755")
  expect(await readdir(path.join(rootDir, "contrast/tls-config"))).toStrictEqual([
    "certChain.pem",
    "coordinator-root-ca.pem",
    "key.pem",
    "mesh-ca.pem",
  ])
  for (const [name, mode, content] of [
    ["contrast/tls-config/certChain.pem", "444", "chain"],
    ["contrast/tls-config/coordinator-root-ca.pem", "444", "root"],
    ["contrast/tls-config/key.pem", "400", "key"],
    ["contrast/tls-config/mesh-ca.pem", "444", "mesh"],
    ["contrast/secrets/workload-secret-seed", "400", "ab".repeat(64)],
    ["done", "644", ""],
  ] as const) {
    expect([name, await modeOf(name), await readFile(path.join(rootDir, name), "utf8")]).toStrictEqual([
      name,
      mode,
      content,
    ])
  }
})

test("replaces the files of an earlier start and takes away a secret that is no longer given", async () => {
  await writeFiles(rootDir, credentialFiles(credentials))

  await writeFiles(
    rootDir,
    credentialFiles({ ...credentials, meshCa: text("new mesh"), workloadSecret: new Uint8Array(0) }),
  )

  expect(await readFile(path.join(rootDir, "contrast/tls-config/mesh-ca.pem"), "utf8")).toBe("new mesh")
  expect(await readdir(path.join(rootDir, "contrast/secrets"))).toStrictEqual([])
})

test("removes the marker of an earlier start", async () => {
  await writeDone(rootDir)
  await removeDone(rootDir)
  await removeDone(rootDir)

  expect(await readdir(rootDir)).toStrictEqual([])
})

test("takes away what a start that was killed left half written", async () => {
  await writeFiles(rootDir, credentialFiles(credentials))
  const leftover = path.join(rootDir, "contrast/secrets/.workload-secret-seed.0123abcd")
  await writeFile(leftover, "ab")

  await writeFiles(rootDir, credentialFiles(credentials))

  expect(await readdir(path.dirname(leftover))).toStrictEqual(["workload-secret-seed"])
})

test("reads back the workload secret in the form that keys volumes", async () => {
  await writeFiles(rootDir, credentialFiles(credentials))

  expect(Buffer.from(await readWorkloadSecretText(rootDir)).toString()).toBe("ab".repeat(64))
})

test.each([
  ["empty", ""],
  ["too short", "ab".repeat(31)],
  ["of odd length", "a".repeat(127)],
  ["in upper case", "AB".repeat(64)],
  ["with a line end", `${"ab".repeat(64)}\n`],
])("refuses a workload secret that is %s, without repeating it", async (_name, content) => {
  await writeFiles(rootDir, credentialFiles(credentials))
  const file = path.join(rootDir, "contrast/secrets/workload-secret-seed")
  await rm(file)
  await writeFile(file, content)

  expect(await codeOfAsync(() => readWorkloadSecretText(rootDir))).toBe("VOLUME_SECRET")
})

test("says so when there is no workload secret", async () => {
  expect(await codeOfAsync(() => readWorkloadSecretText(rootDir))).toBe("VOLUME_SECRET")
})

test("finds the root CA that an earlier start wrote", async () => {
  expect(await findRootCa(rootDir)).toBeUndefined()

  await writeFiles(rootDir, credentialFiles(credentials))

  expect(Buffer.from((await findRootCa(rootDir)) ?? []).toString()).toBe("root")
})
