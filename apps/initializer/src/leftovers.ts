/** Mappings that an earlier start of this program left on a device when it was killed. */
import { findHolders, type Holder } from "./block-device.ts"
import { InitializerError } from "./error.ts"
import { requireProgram } from "./program.ts"
import type { Volume } from "./volume.ts"

const RELEASE_TIMEOUT_MS = 60_000

/**
 * Removes our mappings from a device; anybody else's stay.
 *
 * @throws {@link InitializerError} `DEVICE_BUSY` if somebody else uses the device, `VOLUME_BUSY` if a mapping of ours is in use.
 */
export async function releaseLeftovers({ device, mapping, log }: Volume): Promise<void> {
  const holders = await findHolders(device)
  const foreign = holders.find((holder) => !isOurs(holder, mapping))
  if (foreign !== undefined) throw new InitializerError("DEVICE_BUSY", `${device} is in use by ${foreign.name}`)
  for (const { name } of holders) {
    log.debug("removing a mapping", { device, mapping: name })
    removeMapping(name)
  }
}

function removeMapping(name: string): void {
  try {
    requireProgram({ file: "dmsetup", arguments: ["remove", "--retry", name], timeoutMs: RELEASE_TIMEOUT_MS })
  } catch (cause) {
    throw new InitializerError("VOLUME_BUSY", `the mapping ${name} is still in use by another process`, { cause })
  }
}

/** The volume, the integrity layer under it, and what cryptsetup makes while it works. */
function isOurs({ name }: Holder, mapping: string): boolean {
  return name === mapping || name === `${mapping}_dif` || name.startsWith("temporary-cryptsetup-")
}
