/** Reads the kernel's mount table (proc(5), /proc/self/mountinfo). Pure. */

/** The number of the device that is mounted at a resolved path, topmost if there are several, or `undefined`. */
export function findMounted(mountTable: string, mountPoint: string): string | undefined {
  return parseMountTable(mountTable).findLast((mount) => mount.mountPoint === mountPoint)?.device
}

interface Mount {
  readonly device: string
  readonly mountPoint: string
}

function parseMountTable(mountTable: string): readonly Mount[] {
  return mountTable.split("\n").flatMap((line) => {
    const [, , device, , mountPoint] = line.split(" ")
    return device === undefined || mountPoint === undefined ? [] : [{ device, mountPoint: unescape(mountPoint) }]
  })
}

/** The kernel writes space, tab, line feed and backslash as three octal digits. */
function unescape(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_escape, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}
