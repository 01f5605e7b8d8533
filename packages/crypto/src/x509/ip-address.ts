import { CryptoError } from "../error.ts"

const OCTET = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)"
const IPV4 = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`)
/** What can be IPv6 at all. The URL parser would silently drop tabs and newlines. */
const IPV6_ALPHABET = /^[0-9a-f:.]+$/i
const IPV6_GROUPS = 8

/**
 * The canonical text of an IP address: dotted IPv4, compressed lower-case IPv6, and IPv4 for an IPv4-mapped IPv6 address.
 *
 * @returns `undefined` for anything else, among it leading zeros in IPv4, zones, brackets, ports and prefix lengths.
 */
export function findIpAddress(text: string): string | undefined {
  if (IPV4.test(text)) {
    return text
  }
  const url = `http://[${text}]`
  if (!IPV6_ALPHABET.test(text) || !URL.canParse(url)) {
    return undefined
  }
  const address = new URL(url).hostname.slice(1, -1)
  const [, high, low] = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(address) ?? []
  return high === undefined || low === undefined ? address : [high, low].flatMap(bytesOfGroup).join(".")
}

/**
 * The 4 or 16 bytes of an IP address.
 *
 * @throws {@link CryptoError} `SUBJECT_ALT_NAME` when {@link findIpAddress} finds none.
 */
export function encodeIpAddress(text: string): Uint8Array {
  const address = findIpAddress(text)
  if (address === undefined) {
    throw new CryptoError("SUBJECT_ALT_NAME", `expected an IP address, got ${JSON.stringify(text)}`)
  }
  if (IPV4.test(address)) {
    return Uint8Array.from(address.split("."), Number)
  }
  const [before = [], after = []] = address.split("::").map((part) => part.split(":").filter((group) => group !== ""))
  const zeros = new Array<string>(IPV6_GROUPS - before.length - after.length).fill("0")
  return Uint8Array.from([...before, ...zeros, ...after].flatMap(bytesOfGroup))
}

function bytesOfGroup(group: string): [number, number] {
  const value = Number.parseInt(group, 16)
  return [value >> 8, value & 0xff]
}
