import { encodeHex } from "@contrast/crypto"

/** What the host hands to the guest beside the report. Nothing in it has been verified. */
export interface CertificateTable {
  readonly vcek: Uint8Array | undefined
  readonly vlek: Uint8Array | undefined
  readonly crl: Uint8Array | undefined
}

/** Nothing, which is what a table counts for that is not well formed. */
const EMPTY: CertificateTable = { vcek: undefined, vlek: undefined, crl: undefined }

const GUID_BYTES = 16
const ENTRY_BYTES = 24
const MAX_ENTRIES = 32
const MAX_CERTIFICATE_BYTES = 16 * 1024
const SEQUENCE = 0x30

/**
 * GUIDs of the entries (GHCB specification, "SNP Extended Guest Request") as their bytes, the first three groups
 * little-endian. The authorities (ASK, ARK) are compiled into every verifier, so theirs are passed over.
 */
const NAMES: ReadonlyMap<string, keyof CertificateTable> = new Map([
  ["8d75da6364e66445adc5f4b93be8accd", "vcek"], // 63da758d-e664-4564-adc5-f4b93be8accd
  ["c24b07a85aa23e48aae639c045a0b8a1", "vlek"], // a8074bc2-a25a-483e-aae6-39c045a0b8a1
  ["c31bf89211583d4d97ffd19f88dc67ea", "crl"], // 92f81bc3-5811-4d3d-97ff-d19f88dc67ea
])

/**
 * Reads the certificate table of an extended guest report: entries up to one of zeros, then the blobs that they name.
 *
 * @returns What it names in DER. Nothing if the table is not well formed: it comes from the host, and evidence is good
 * without it.
 */
export function readCertificateTable(table: Uint8Array): CertificateTable {
  const entries = readEntries(table)
  if (entries === undefined) return EMPTY
  const blobs = new Map(entries.filter(isDer).map(({ guid, blob }) => [NAMES.get(guid), blob]))
  return { vcek: blobs.get("vcek"), vlek: blobs.get("vlek"), crl: blobs.get("crl") }
}

interface Entry {
  readonly guid: string
  readonly blob: Uint8Array
}

function readEntries(table: Uint8Array): readonly Entry[] | undefined {
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength)
  const entries: Entry[] = []
  for (let at = 0; at + ENTRY_BYTES <= table.length; at += ENTRY_BYTES) {
    if (table.subarray(at, at + ENTRY_BYTES).every((byte) => byte === 0)) return entries
    const guid = encodeHex(table.subarray(at, at + GUID_BYTES))
    const [offset, size] = [view.getUint32(at + 16, true), view.getUint32(at + 20, true)]
    const isInside = size <= MAX_CERTIFICATE_BYTES && offset + size <= table.length
    if (!isInside || entries.length === MAX_ENTRIES || entries.some((other) => other.guid === guid)) return undefined
    entries.push({ guid, blob: table.subarray(offset, offset + size) })
  }
  // An empty blob is no table; one without its last entry has been cut off.
  return table.length === 0 ? [] : undefined
}

/** Some hosts hand out PEM; only DER is taken, which begins with a SEQUENCE. */
function isDer({ blob }: Entry): boolean {
  return blob[0] === SEQUENCE
}
