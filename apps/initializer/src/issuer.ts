/** What makes this workload's evidence. */
import { HostDataError, INSECURE_HOST_DATA_URL, readInsecureHostData } from "@contrast/atls"
import { createInsecureIssuer, type Issuer } from "@contrast/attestation"
import { createTsmIssuer, detectPlatform, type PlatformSearch, TsmError } from "@contrast/tsm"
import { InitializerError } from "./error.ts"

/**
 * The issuer of the platform that this guest runs on: the insecure one if its host data is named, else SEV-SNP or TDX if
 * the kernel offers it, else the insecure one. Who verifies decides what is good enough, not the one who attests.
 *
 * @throws {@link InitializerError} `PLATFORM`, with all that was looked at.
 */
export async function createIssuer(insecureHostData: string | undefined, search: PlatformSearch = {}): Promise<Issuer> {
  if (insecureHostData !== undefined) return readInsecureIssuer(insecureHostData)
  try {
    const platform = await detectPlatform(search)
    return createTsmIssuer({ ...search, platform, now: () => new Date() })
  } catch (error) {
    if (!(error instanceof TsmError)) throw error
    return await readInsecureIssuer(INSECURE_HOST_DATA_URL, error)
  }
}

async function readInsecureIssuer(source: string, noHardware?: TsmError): Promise<Issuer> {
  try {
    return createInsecureIssuer({ hostData: await readInsecureHostData(source) })
  } catch (cause) {
    if (!(cause instanceof HostDataError) || noHardware === undefined) throw cause
    const message = `${noHardware.message}; and no host data of the insecure platform: ${cause.message}`
    throw new InitializerError("PLATFORM", message, { cause: noHardware })
  }
}
