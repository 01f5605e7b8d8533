import { readdir, readFile } from "node:fs/promises"
import path from "node:path"
import { findInitdata, findWorkloads, initdataHash, parseKubernetesFile } from "@contrast/policy"

/**
 * What the insecure platform gives each workload as its identity, by the workload's name: the hash of the initdata that
 * `contrast generate` wrote. On real hardware the host puts this hash into the attestation report.
 */
export async function readHostData(folder: string): Promise<ReadonlyMap<string, string>> {
  const names = (await readdir(folder)).filter((name) => /\.ya?ml$/.test(name)).sort()
  const files = await Promise.all(
    names.map(async (name) => parseKubernetesFile(name, await readFile(path.join(folder, name), "utf8"))),
  )
  return new Map(
    findWorkloads(files).map((workload) => {
      const initdata = findInitdata(workload)
      if (initdata === undefined) throw new Error(`expected initdata on ${workload.name}, got none`)
      return [workload.name, initdataHash(initdata)]
    }),
  )
}
