import { createInsecureIssuer, type Issuer } from "@contrast/attestation"
import type { Config } from "./config.ts"
import { CoordinatorError } from "./error.ts"
import { readInsecureHostData } from "./insecure-host-data.ts"

/**
 * The issuer of the platform that this program runs on.
 *
 * @throws {@link CoordinatorError} `PLATFORM` or `HOST_DATA`.
 */
export async function createIssuer({ allowInsecure, insecureHostData }: Config): Promise<Issuer> {
  if (allowInsecure) return createInsecureIssuer({ hostData: await readInsecureHostData(insecureHostData) })
  const message = "this release attests on the insecure platform only: set CONTRAST_ALLOW_INSECURE, for development"
  throw new CoordinatorError("PLATFORM", message)
}
