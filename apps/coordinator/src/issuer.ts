import { setTimeout as delay } from "node:timers/promises"
import { HostDataError, readInsecureHostData } from "@contrast/atls"
import { createInsecureIssuer, type Issuer } from "@contrast/attestation"
import { createTsmIssuer, detectPlatform, type PlatformSearch, TsmError, type TsmPlatform } from "@contrast/tsm"
import type { Config } from "./config.ts"
import { CoordinatorError } from "./error.ts"

/** Whatever serves the host data starts beside this program, so it gets half a minute. */
const ATTEMPTS = 30
const ATTEMPT_INTERVAL_MS = 1_000

/**
 * The issuer of the platform that this program runs on.
 *
 * @throws {@link CoordinatorError} `PLATFORM` or `HOST_DATA`.
 */
export async function createIssuer(
  { allowInsecure, insecureHostData }: Pick<Config, "allowInsecure" | "insecureHostData">,
  search: PlatformSearch = {},
): Promise<Issuer> {
  if (allowInsecure) return createInsecureIssuer({ hostData: await waitForHostData(insecureHostData) })
  const platform = await requirePlatform(search)
  return createTsmIssuer({ ...search, platform, now: () => new Date() })
}

async function requirePlatform(search: PlatformSearch): Promise<TsmPlatform> {
  try {
    return await detectPlatform(search)
  } catch (cause) {
    if (!(cause instanceof TsmError)) throw cause
    const message = `${cause.message}; for development without such hardware set CONTRAST_ALLOW_INSECURE`
    throw new CoordinatorError("PLATFORM", message, { cause })
  }
}

async function waitForHostData(source: string): Promise<Uint8Array> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await readInsecureHostData(source)
    } catch (cause) {
      if (!(cause instanceof HostDataError)) throw cause
      const mayPass = cause.code === "HOST_DATA_UNREADABLE" && source.startsWith("http://")
      if (!mayPass || attempt === ATTEMPTS) throw new CoordinatorError("HOST_DATA", cause.message, { cause })
      await delay(ATTEMPT_INTERVAL_MS)
    }
  }
}
