/** How a bit of the report relates to the manifest's value for it. */
export type Direction = "allowed" | "demanded"

/**
 * One flag of a bit field. An `allowed` bit is a permission to the host: the report may set it only if the manifest
 * does. A `demanded` bit is a protection: the report must set it if the manifest does.
 */
export interface Flag<Name extends string> {
  readonly name: Name
  /** The key in the manifest. */
  readonly manifestKey: string
  readonly bit: bigint
  readonly direction: Direction
}

/** Whether the flag is set. */
export function isSet(bits: bigint, { bit }: Flag<string>): boolean {
  return ((bits >> bit) & 1n) === 1n
}

/** Whether the bits go the wrong way for what the manifest says. */
export function isViolated(bits: bigint, flag: Flag<string>, expected: boolean): boolean {
  return flag.direction === "allowed" ? isSet(bits, flag) && !expected : !isSet(bits, flag) && expected
}
