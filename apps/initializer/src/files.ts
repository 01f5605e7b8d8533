/** The files that the Initializer leaves for the workload. */
import { chmod, mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises"
import path from "node:path"
import { randomBytes } from "node:crypto"
import { encodeHex, encodeUtf8 } from "@contrast/crypto/bytes"
import { findCode, InitializerError } from "./error.ts"

/** A file with its place below the root directory. */
export interface OutputFile {
  readonly path: string
  readonly mode: number
  readonly content: Uint8Array
}

/** What a workload has been given. */
export interface Credentials {
  /** The leaf's private key, PKCS#8 PEM, secret. */
  readonly keyPem: string
  /** Leaf and intermediate, PEM. */
  readonly certificateChain: Uint8Array
  readonly meshCa: Uint8Array
  readonly rootCa: Uint8Array
  /** Secret; empty if the workload has none. */
  readonly workloadSecret: Uint8Array
}

const ROOT_CA_PATH = "contrast/tls-config/coordinator-root-ca.pem"
const SECRET_PATH = "contrast/secrets/workload-secret-seed"
const DONE_PATH = "done"
const FOLDERS = ["contrast/tls-config", "contrast/secrets"]
const FOLDER_MODE = 0o755
const PUBLIC = 0o444
const SECRET = 0o400
/** What a file is called while it is written. */
const TEMPORARY = /^\..+\.[0-9a-f]{8}$/
const WORKLOAD_SECRET = /^(?:[0-9a-f]{2}){32,}$/

/** The files for these credentials. Pure. */
export function credentialFiles(credentials: Credentials): readonly OutputFile[] {
  const secret = workloadSecretText(credentials.workloadSecret)
  return [
    { path: "contrast/tls-config/mesh-ca.pem", mode: PUBLIC, content: credentials.meshCa },
    { path: "contrast/tls-config/certChain.pem", mode: PUBLIC, content: credentials.certificateChain },
    { path: "contrast/tls-config/key.pem", mode: SECRET, content: encodeUtf8(credentials.keyPem) },
    { path: ROOT_CA_PATH, mode: PUBLIC, content: credentials.rootCa },
    ...(secret.length === 0 ? [] : [{ path: SECRET_PATH, mode: SECRET, content: secret }]),
  ]
}

/** The workload secret as its file and the volume's key hold it: lower-case hex without a line end. */
export function workloadSecretText(workloadSecret: Uint8Array): Uint8Array {
  return encodeUtf8(encodeHex(workloadSecret))
}

/** Writes all files, each whole or not at all, and takes away a secret that the workload no longer has. */
export async function writeFiles(rootDir: string, files: readonly OutputFile[]): Promise<void> {
  for (const folder of FOLDERS) {
    const target = path.join(rootDir, folder)
    await mkdir(target, { recursive: true })
    await chmod(target, FOLDER_MODE)
    await removeTemporaries(target)
  }
  for (const file of files) await writeAtomically(path.join(rootDir, file.path), file)
  if (!files.some((file) => file.path === SECRET_PATH)) await rm(path.join(rootDir, SECRET_PATH), { force: true })
}

/** The root CA that an earlier start wrote, PEM; `undefined` if there was none. */
export async function findRootCa(rootDir: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path.join(rootDir, ROOT_CA_PATH))
  } catch (error) {
    if (findCode(error) === "ENOENT") return undefined
    throw error
  }
}

/** A start that was killed may have left a key under the name that it was written with. */
async function removeTemporaries(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => TEMPORARY.test(name))
  await Promise.all(names.map((name) => rm(path.join(folder, name))))
}

/** Says that everything is in place. */
export async function writeDone(rootDir: string): Promise<void> {
  await writeAtomically(path.join(rootDir, DONE_PATH), { path: DONE_PATH, mode: 0o644, content: new Uint8Array(0) })
}

/** An earlier start's marker must not speak for this one. */
export async function removeDone(rootDir: string): Promise<void> {
  await rm(path.join(rootDir, DONE_PATH), { force: true })
}

/**
 * Reads the workload secret that an earlier run wrote, in the form that keys volumes.
 *
 * @throws {@link InitializerError} `VOLUME_SECRET`.
 */
export async function readWorkloadSecretText(rootDir: string): Promise<Uint8Array> {
  const file = path.join(rootDir, SECRET_PATH)
  const content = await readFile(file).catch((cause: unknown) => {
    throw new InitializerError(
      "VOLUME_SECRET",
      `there is no workload secret at ${file}; run the Initializer itself first`,
      { cause },
    )
  })
  if (WORKLOAD_SECRET.test(content.toString("latin1"))) return Uint8Array.from(content)
  throw new InitializerError("VOLUME_SECRET", `${file}: expected at least 64 lower-case hex digits and nothing else`)
}

async function writeAtomically(target: string, { content, mode }: OutputFile): Promise<void> {
  const temporary = path.join(path.dirname(target), `.${path.basename(target)}.${encodeHex(randomBytes(4))}`)
  try {
    const handle = await open(temporary, "wx", SECRET)
    try {
      await handle.writeFile(content)
      await handle.chmod(mode) // the mode given to open is cut by the umask
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, target)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}
