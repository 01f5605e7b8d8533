import { createHash } from "node:crypto"
import { readFileTree } from "./file-tree.ts"

/** One digest over the names and bytes of all files below a folder, to see that nothing in it has changed. */
export async function digestFolder(folder: string): Promise<string> {
  const hash = createHash("sha256")
  for (const { name, bytes } of await readFileTree(folder)) {
    hash.update(`${name}\0${bytes.length}\0`).update(bytes)
  }
  return hash.digest("hex")
}
