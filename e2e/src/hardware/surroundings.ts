/** What the programs of this folder are told of the machine that they are played on: arguments cannot cross to a process. */
import type { PlatformSearch } from "@contrast/tsm"
import { KERNEL_DIRECTORY, openRemoteKernel } from "./remote-kernel.ts"
import { parseRoots } from "./roots.ts"

/** The played vendor's roots; none if the program is to believe AMD and Intel alone. */
export function playedRoots(): ReturnType<typeof parseRoots> {
  const pem = process.env["PLAYED_ROOTS"] ?? ""
  return pem === "" ? {} : parseRoots(pem)
}

/** The kernel of this guest. */
export function playedKernel(): PlatformSearch {
  return { directory: KERNEL_DIRECTORY, files: openRemoteKernel(process.env["PLAYED_KERNEL"] ?? "") }
}
