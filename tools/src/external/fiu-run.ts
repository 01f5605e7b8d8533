import { chmod, cp, mkdir, writeFile } from "node:fs/promises"
import path from "node:path"

/** The script expects its libraries under /usr; ours are kept beside it, so a wrapper tells it and the loader where. */
export async function placeFiuRun(files: string, target: string): Promise<void> {
  const libraries = `${target}.files`
  await mkdir(libraries, { recursive: true })
  await cp(path.join(files, "usr/lib"), libraries, { recursive: true, verbatimSymlinks: true })
  await cp(path.join(files, "usr/bin/fiu-run"), path.join(libraries, "fiu-run"))
  await chmod(path.join(libraries, "fiu-run"), 0o755)
  const wrapper = [
    "#!/bin/sh",
    `here="$(cd "$(dirname "$0")" && pwd)/${path.basename(libraries)}"`,
    'export LD_LIBRARY_PATH="$here"',
    'exec "$here/fiu-run" -l "$here/fiu" "$@"',
  ]
  await writeFile(target, `${wrapper.join("\n")}\n`, { mode: 0o755 })
}
