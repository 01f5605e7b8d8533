import { decodeUtf8, encodeUtf8 } from "@contrast/crypto"
import { TsmError } from "./error.ts"
import { readProvider, type TsmPlatform } from "./provider.ts"
import { systemCodeOf } from "./system-error.ts"
import type { TsmFiles } from "./tsm-files.ts"

/** What the kernel answered to one request. */
export interface TsmAnswer {
  /** SEV-SNP: the report. TDX: the quote. */
  readonly outblob: Uint8Array
  /** SEV-SNP: the host's table of certificates; absent or empty if there is none. */
  readonly auxblob: Uint8Array | undefined
}

/** One request. */
export interface TsmRequest {
  readonly files: TsmFiles
  readonly platform: TsmPlatform
  /** 64 bytes. */
  readonly reportData: Uint8Array
}

const MAX_BLOB_BYTES = 1024 * 1024
const MAX_NUMBER_BYTES = 32
/** The level that verifiers accept: reports of VMPL 0. */
const PRIVILEGE_LEVEL = 0

/**
 * Makes one request in an entry that is nobody else's.
 *
 * @returns `undefined` if somebody else wrote to the entry in the meantime: the answer may be to another request.
 * @throws {@link TsmError} `PROVIDER`, `PRIVILEGE_LEVEL` or `ANSWER`; errors of the system as they come.
 */
export async function request(
  entry: string,
  { files, platform, reportData }: TsmRequest,
): Promise<TsmAnswer | undefined> {
  const generation = await readNumber(files, `${entry}/generation`)
  const provider = await readProvider(files, entry)
  if (provider.platform !== platform) {
    throw new TsmError("PROVIDER", `expected the provider of ${platform}, got ${JSON.stringify(provider.name)}`)
  }
  let writes = 0
  if (platform === "snp" && (await mayChooseLevel(files, entry))) {
    await files.write(`${entry}/privlevel`, encodeUtf8(String(PRIVILEGE_LEVEL)))
    writes += 1
  }
  await files.write(`${entry}/inblob`, reportData)
  writes += 1
  const outblob = await readBlob(files, `${entry}/outblob`)
  const auxblob = platform === "snp" ? await findAttribute(readBlob(files, `${entry}/auxblob`)) : undefined
  const isOurs = (await readNumber(files, `${entry}/generation`)) === generation + writes
  return isOurs ? { outblob, auxblob } : undefined
}

/**
 * Whether the level can be set, which kernels without the attributes cannot. A floor above our level is refused at once:
 * no verifier would accept such a report.
 */
async function mayChooseLevel(files: TsmFiles, entry: string): Promise<boolean> {
  const floor = await findAttribute(readNumber(files, `${entry}/privlevel_floor`))
  if (floor === undefined) return false
  if (floor === PRIVILEGE_LEVEL) return true
  const message = `this guest may ask for VMPL ${floor} and above alone, and verifiers accept VMPL ${PRIVILEGE_LEVEL} alone`
  throw new TsmError("PRIVILEGE_LEVEL", message)
}

/** An optional attribute is absent, not empty. */
async function findAttribute<Value>(reading: Promise<Value>): Promise<Value | undefined> {
  try {
    return await reading
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return undefined
    throw error
  }
}

async function readNumber(files: TsmFiles, attribute: string): Promise<number> {
  const text = decodeUtf8((await files.read(attribute, MAX_NUMBER_BYTES)) ?? new Uint8Array(0)).trim()
  if (!/^\d{1,15}$/.test(text)) throw new TsmError("ANSWER", `expected a number in ${attribute}`)
  return Number(text)
}

async function readBlob(files: TsmFiles, attribute: string): Promise<Uint8Array> {
  const bytes = await files.read(attribute, MAX_BLOB_BYTES)
  if (bytes !== undefined) return bytes
  throw new TsmError("ANSWER", `expected at most ${MAX_BLOB_BYTES} bytes in ${attribute}`)
}
