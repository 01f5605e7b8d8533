import { ByteReader } from "./byte-reader.ts"
import { HandshakeError } from "./error.ts"

/** What the server must know of a ClientHello before it can choose a certificate. Nothing in it is authenticated. */
export interface ClientHello {
  /** The host name of the server_name extension. */
  readonly serverName: string | undefined
  /** Names of the ALPN extension in the client's order; one character for each byte. */
  readonly protocols: readonly string[]
}

/** Most bytes that a ClientHello may take, record headers included. One with ML-KEM key shares has about 1.8 KB. */
export const MAX_CLIENT_HELLO_BYTES: number = 16 * 1024

/** Most records that a ClientHello may be spread over. */
const MAX_RECORDS = 64

const RECORD_HEADER_BYTES = 5
const MESSAGE_HEADER_BYTES = 4
const HANDSHAKE_RECORD = 22
const CLIENT_HELLO_MESSAGE = 1
const SERVER_NAME_EXTENSION = 0
const PROTOCOLS_EXTENSION = 16
const HOST_NAME = 0

/**
 * Reads a ClientHello (RFC 8446 §4.1.2) from the first bytes of a connection; bytes behind it are left alone.
 *
 * @returns `undefined` as long as more bytes are needed.
 * @throws {@link HandshakeError} `CLIENT_HELLO`, `CLIENT_HELLO_SIZE`.
 */
export function parseClientHello(bytes: Uint8Array): ClientHello | undefined {
  const body = collectMessage(bytes)
  if (body === undefined) {
    if (bytes.length >= MAX_CLIENT_HELLO_BYTES) throw tooLarge()
    return undefined
  }
  const reader = new ByteReader(body)
  reader.bytes(2 + 32) // legacy version, random
  reader.vector(1) // legacy session id
  reader.vector(2) // cipher suites
  reader.vector(1) // legacy compression methods
  const extensions = reader.isAtEnd ? new Map<number, Uint8Array>() : parseExtensions(reader.vector(2))
  if (!reader.isAtEnd) throw new HandshakeError("CLIENT_HELLO", "there are bytes behind the extensions")
  return {
    serverName: parseServerName(extensions.get(SERVER_NAME_EXTENSION)),
    protocols: parseProtocols(extensions.get(PROTOCOLS_EXTENSION)),
  }
}

/** The body of the first handshake message, which may be spread over records, once all of it is there. */
function collectMessage(bytes: Uint8Array): Uint8Array | undefined {
  const fragments: Uint8Array[] = []
  let collected = 0
  let offset = 0
  while (bytes.length - offset >= RECORD_HEADER_BYTES) {
    if (fragments.length === MAX_RECORDS) throw new HandshakeError("CLIENT_HELLO", "too many records")
    const length = recordLength(bytes.subarray(offset))
    const fragment = bytes.subarray(offset + RECORD_HEADER_BYTES, offset + RECORD_HEADER_BYTES + length)
    fragments.push(fragment)
    collected += fragment.length
    if (collected >= MESSAGE_HEADER_BYTES) {
      const message = Buffer.concat(fragments)
      const end = MESSAGE_HEADER_BYTES + messageLength(message)
      if (collected >= end) return message.subarray(MESSAGE_HEADER_BYTES, end)
    }
    if (fragment.length < length) return undefined
    offset += RECORD_HEADER_BYTES + length
  }
  return undefined
}

function recordLength(header: Uint8Array): number {
  const reader = new ByteReader(header)
  const [type, majorVersion] = [reader.uint(1), reader.uint(1)]
  reader.bytes(1)
  const length = reader.uint(2)
  if (type !== HANDSHAKE_RECORD || majorVersion !== 3 || length === 0 || length > 2 ** 14) {
    throw new HandshakeError("CLIENT_HELLO", "the connection does not begin with a TLS handshake")
  }
  return length
}

function messageLength(message: Uint8Array): number {
  const reader = new ByteReader(message)
  const [type, length] = [reader.uint(1), reader.uint(3)]
  if (type !== CLIENT_HELLO_MESSAGE) throw new HandshakeError("CLIENT_HELLO", "the first message is no ClientHello")
  if (length > MAX_CLIENT_HELLO_BYTES) throw tooLarge()
  return length
}

function parseExtensions(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const reader = new ByteReader(bytes)
  const extensions = new Map<number, Uint8Array>()
  while (!reader.isAtEnd) {
    const type = reader.uint(2)
    if (extensions.has(type)) throw new HandshakeError("CLIENT_HELLO", `extension ${type} comes twice`)
    extensions.set(type, reader.vector(2))
  }
  return extensions
}

/** RFC 6066 §3. */
function parseServerName(extension: Uint8Array | undefined): string | undefined {
  if (extension === undefined) return undefined
  const names = new ByteReader(new ByteReader(extension).vector(2))
  while (!names.isAtEnd) {
    const type = names.uint(1)
    const name = names.vector(2)
    if (type === HOST_NAME) return Buffer.from(name).toString("latin1")
  }
  return undefined
}

/** RFC 7301 §3.1. */
function parseProtocols(extension: Uint8Array | undefined): readonly string[] {
  if (extension === undefined) return []
  const names = new ByteReader(new ByteReader(extension).vector(2))
  const protocols: string[] = []
  while (!names.isAtEnd) protocols.push(Buffer.from(names.vector(1)).toString("latin1"))
  return protocols
}

function tooLarge(): HandshakeError {
  return new HandshakeError("CLIENT_HELLO_SIZE", `the ClientHello is larger than ${MAX_CLIENT_HELLO_BYTES} bytes`)
}
