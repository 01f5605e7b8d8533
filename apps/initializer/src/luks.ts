/** The one place that knows how the volumes are made: layout, names and the arguments of cryptsetup. Pure. */
import { concatBytes, encodeHex, encodeUtf8 } from "@contrast/crypto/bytes"
import { sha256 } from "@contrast/crypto/digest"

/** Two copies of header and metadata, then the key slots; the data begins after them. */
export const HEADER_AREA_BYTES: number = 16 * 1024 * 1024
/** One copy: a binary header of 4096 bytes and its JSON metadata. */
export const HEADER_COPY_BYTES: number = 16 * 1024
export const KEYSLOT_OFFSET: number = 2 * HEADER_COPY_BYTES
/** The one key slot: 4000 stripes of a 96-byte key, rounded up to 4096. */
export const KEYSLOT_BYTES: number = 385_024
/** All that a volume's header says; the rest of the header area is unused. */
export const HEADER_BYTES: number = KEYSLOT_OFFSET + KEYSLOT_BYTES
/** Header area, integrity metadata and a small ext4 with its journal. */
export const MIN_DEVICE_BYTES: number = 64 * 1024 * 1024
export const SECTOR_BYTES: number = 4096
export const PBKDF_MEMORY_KIB: number = 10_240

const DEVICE_SECTOR_BYTES = 512
const MAPPING_NAME_BYTES = 8

/** A mapping's name is the same at every start, so that what an earlier start left open can be found. */
export function mappingName(device: string, mountPoint: string): string {
  const digest = sha256(concatBytes(encodeUtf8(device), encodeUtf8(mountPoint)))
  return encodeHex(digest.subarray(0, MAPPING_NAME_BYTES))
}

/** Where the kernel shows the opened volume. */
export function mappingPath(name: string): string {
  return `/dev/mapper/${name}`
}

/** Formats `device` with its header in the file `header`, placed as if it stood on the device; the key comes by standard input. */
export function formatArguments(device: string, header: string): readonly string[] {
  return [
    "luksFormat",
    "--type=luks2",
    "--cipher=aes-xts-plain64",
    "--pbkdf=argon2id",
    `--pbkdf-memory=${PBKDF_MEMORY_KIB}`,
    "--integrity=hmac-sha256",
    "--integrity-no-wipe",
    `--sector-size=${SECTOR_BYTES}`,
    "--batch-mode",
    "--key-file=-",
    `--header=${header}`,
    `--offset=${HEADER_AREA_BYTES / DEVICE_SECTOR_BYTES}`,
    device,
  ]
}

/** Opens `device` with the header in the file `header` and nothing of the device's own; the key comes by standard input. */
export function openArguments(device: string, header: string, name: string): readonly string[] {
  return ["luksOpen", `--header=${header}`, "--key-file=-", device, name]
}

export function closeArguments(name: string): readonly string[] {
  return ["close", name]
}
