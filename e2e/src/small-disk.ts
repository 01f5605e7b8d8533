import { execaSync } from "execa"
import { writeFile } from "node:fs/promises"
import type { Service } from "./service.ts"

/** A wrapper that gives a program a disk of its own over a folder: small, in memory, and gone with the program. */
export function onSmallDisk(folder: string, bytes: number): readonly string[] {
  const script = `mount -t tmpfs -o size=${bytes},mode=0700 tmpfs "$0" && exec "$@"`
  return ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, folder]
}

/** Why there can be no such disk here, or undefined if there can. */
export function findSmallDiskMissing(): string | undefined {
  const { failed } = execaSync({ reject: false })`unshare --user --map-root-user --mount true`
  return failed ? "skipped: this system allows no user namespaces, so no small disk" : undefined
}

/** Fills the disk that only the program sees, up to the last byte. */
export async function fillDisk(service: Service, folder: string): Promise<string> {
  const filler = `/proc/${service.pid}/root${folder}/filler`
  for (let size = 1 << 24; size >= 1; size >>= 1) {
    // Each try that does not fit is cut off by the system; smaller and smaller ones use up what is left.
    await writeFile(filler, Buffer.alloc(size), { flag: "a" }).catch(() => undefined)
  }
  return filler
}
