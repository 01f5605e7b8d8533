import { mkdir, readFile, readdir, writeFile } from "node:fs/promises"
import path from "node:path"

const STRICT = "kubernetes_validate/kubernetes-json-schema/v1.37.0-local-strict"

/** The schemas refer to each other by a path that only their own package resolves; here they become plain neighbours. */
export async function placeKubernetesSchemas(files: string, target: string): Promise<void> {
  const folder = path.join(files, STRICT)
  await mkdir(target, { recursive: true })
  for (const name of await readdir(folder)) {
    const schema = JSON.parse(await readFile(path.join(folder, name), "utf8")) as { $id?: string } // every schema is an object
    delete schema.$id
    const text = JSON.stringify(schema).replaceAll("/api/_definitions.json#", "_definitions.json#")
    await writeFile(path.join(target, name), text)
  }
}
