import { setTimeout as delay } from "node:timers/promises"
import { HostDataError, readInsecureHostData } from "@contrast/atls"
import { createInsecureIssuer, type Issuer } from "@contrast/attestation"
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
export async function createIssuer({
  allowInsecure,
  insecureHostData,
}: Pick<Config, "allowInsecure" | "insecureHostData">): Promise<Issuer> {
  if (allowInsecure) return createInsecureIssuer({ hostData: await waitForHostData(insecureHostData) })
  const message = "this release attests on the insecure platform only: set CONTRAST_ALLOW_INSECURE, for development"
  throw new CoordinatorError("PLATFORM", message)
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
