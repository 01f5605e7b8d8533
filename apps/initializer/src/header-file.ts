/** Files for volume headers, in memory, where the host cannot change them between check and use. */
import { randomBytes } from "node:crypto"
import { mkdir, open, readdir, rm, statfs } from "node:fs/promises"
import path from "node:path"
import { encodeHex } from "@contrast/crypto/bytes"
import { readFully } from "./block-device.ts"
import { InitializerError } from "./error.ts"
import { HEADER_AREA_BYTES, HEADER_BYTES } from "./luks.ts"

const HEADER_FOLDERS = "/dev/shm/contrast-cryptsetup"
const NAME_BYTES = 4
const TMPFS = 0x01021994
const RAMFS = 0x858458f6

/**
 * Where header copies of a volume are kept. Other volumes of the pod have folders of their own, for the containers of
 * a pod may share this memory.
 */
export function headerFolder(mapping: string): string {
  return path.join(HEADER_FOLDERS, mapping)
}

/**
 * Gives `use` the path of a file with this header (none: all zeros) and removes the file afterwards. The file has the
 * size of a whole header area but takes memory only for what is written to it. What a killed start left in the folder
 * is removed first: whoever opens a volume has seen that no other start has it.
 *
 * @throws {@link InitializerError} `MEMORY_STORAGE` if the folder is not kept in memory.
 */
export async function withHeaderFile<Result>(
  folder: string,
  header: Uint8Array | undefined,
  use: (file: string) => Promise<Result>,
): Promise<Result> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await requireMemory(folder)
  await clearFolder(folder)
  const file = path.join(folder, `luks-header-${encodeHex(randomBytes(NAME_BYTES))}`)
  try {
    await writeHeaderFile(file, header)
    return await use(file)
  } finally {
    await rm(file, { force: true })
  }
}

/** The part of a header file that says anything. */
export async function readHeaderFile(file: string): Promise<Uint8Array> {
  const handle = await open(file)
  try {
    return await readFully(handle, 0, HEADER_BYTES)
  } finally {
    await handle.close()
  }
}

async function clearFolder(folder: string): Promise<void> {
  for (const name of await readdir(folder)) await rm(path.join(folder, name), { force: true })
}

async function writeHeaderFile(file: string, header: Uint8Array | undefined): Promise<void> {
  const handle = await open(file, "wx", 0o600)
  try {
    if (header !== undefined) await handle.writeFile(header)
    await handle.truncate(HEADER_AREA_BYTES)
  } finally {
    await handle.close()
  }
}

async function requireMemory(folder: string): Promise<void> {
  const { type } = await statfs(folder)
  if (type === TMPFS || type === RAMFS) return
  throw new InitializerError(
    "MEMORY_STORAGE",
    `${folder} must be kept in memory, so that nobody can change a header after its check; mount a tmpfs there`,
  )
}
