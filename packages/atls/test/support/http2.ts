import { type ClientHttp2Session, connect as connectHttp2, type Settings } from "node:http2"
import { Duplex } from "node:stream"
import { setImmediate as nextTurn } from "node:timers/promises"
import {
  AttestationAPIService,
  GetManifestsResponse,
  MeshAPIService,
  SetManifestRequest,
  type SetManifestResponse,
  unaryHandler,
  type UserAPIServer,
  UserAPIService,
} from "@contrast/protocol"
import { expect } from "@jest/globals"
import type { AttestedServerOptions } from "../../src/index.ts"
import { handshake } from "./raw-tls.ts"
import { closeLater, connect, type Stage } from "./stage.ts"

/** What a client of TLS has to say to be served. */
export const h2: { readonly ALPNProtocols: string[] } = { ALPNProtocols: ["h2"] }
/** As the port for people, who need no certificate. */
export const userPort: Partial<AttestedServerOptions> = { clientEvidence: "none" }

/** The server still serves whoever behaves. */
export async function expectAlive({ address }: Stage): Promise<void> {
  const connection = await connect(address)
  expect(await connection.call(AttestationAPIService.challenge, {})).toMatchObject({ Nonce: expect.anything() })
  connection.close()
}

/** An HTTP/2 session by hand, as no gRPC client would use it. */
export async function openHttp2(port: number, settings: Settings = {}): Promise<ClientHttp2Session> {
  const socket = await handshake(port, h2)
  const session = connectHttp2("https://x", { createConnection: () => socket, settings })
  session.on("error", () => undefined)
  closeLater(() => {
    session.destroy()
  })
  return session
}

/** Headers of a call. */
export const attestHeaders: Readonly<Record<":method" | ":path" | "content-type" | "te", string>> = {
  ":method": "POST",
  ":path": AttestationAPIService.attest.path,
  "content-type": "application/grpc",
  te: "trailers",
}

export const headersOf = ({ path }: { readonly path: string }): typeof attestHeaders => ({
  ...attestHeaders,
  ":path": path,
})

export const challenge: typeof AttestationAPIService.challenge = AttestationAPIService.challenge
/** Takes evidence, and so large requests. */
export const newMeshCert: typeof MeshAPIService.newMeshCert = MeshAPIService.newMeshCert

/** The status of a call that sends this and does not end, once the server has closed it. */
export async function statusOfUnfinished(
  session: ClientHttp2Session,
  { path }: { readonly path: string },
  ...chunks: readonly Buffer[]
): Promise<number> {
  const call = session.request(headersOf({ path }))
  let status = NaN
  call.on("error", () => undefined).on("response", (headers) => (status = Number(headers["grpc-status"])))
  const closed = new Promise((resolve) => call.resume().once("close", resolve))
  for (const chunk of chunks) {
    call.write(chunk)
    await nextTurn() // a frame of its own
  }
  await closed
  return status
}

/** A whole request for evidence. */
export const attestRequest: Buffer = Buffer.from([0, 0, 0, 0, 34, 0x0a, 32, ...new Uint8Array(32)])

/** A client's end of a connection that is read at some 10 MiB a second. */
export function slowly(socket: Duplex): Duplex {
  const slow = new Duplex({
    read: () => socket.resume(),
    write: (chunk: Buffer, _encoding, done) => {
      socket.write(chunk, done)
    },
  })
  socket.on("data", (chunk: Buffer) => {
    socket.pause()
    setTimeout(() => slow.push(chunk), 1)
  })
  socket.once("close", () => slow.destroy())
  return slow
}

/** What methods of UserAPI do. */
export interface UserHandlers {
  readonly getManifests?: () => Promise<GetManifestsResponse>
  readonly setManifest?: (request: SetManifestRequest) => Promise<SetManifestResponse>
}

/** UserAPI of which each method does as told, or never answers. */
export function userApi({ getManifests = never, setManifest = never }: UserHandlers): UserAPIServer {
  return {
    getManifests: unaryHandler(getManifests),
    setManifest: unaryHandler(({ request }) => setManifest(request)),
    recover: unaryHandler(never),
  }
}

const never = (): Promise<never> => new Promise<never>(() => undefined)

/** An answer of so many bytes. */
export const answerOf = (size: number): GetManifestsResponse =>
  GetManifestsResponse.create({ RootCA: new Uint8Array(size) })

/** A whole request to set a manifest of so many bytes. */
export function setManifestRequest(size: number): Buffer {
  const request = SetManifestRequest.encode(SetManifestRequest.create({ Manifest: new Uint8Array(size) })).finish()
  const prefix = Buffer.alloc(5)
  prefix.writeUInt32BE(request.length, 1)
  return Buffer.concat([prefix, request])
}

/** The status of a call that sets a manifest of so many bytes. */
export async function statusOf(session: ClientHttp2Session, size: number): Promise<number> {
  const call = session.request(headersOf(UserAPIService.setManifest))
  let status = NaN
  const note = (headers: { readonly "grpc-status"?: unknown }) => {
    if (headers["grpc-status"] !== undefined) status = Number(headers["grpc-status"])
  }
  call
    .on("error", () => undefined)
    .on("response", note)
    .on("trailers", note)
  const closed = new Promise((resolve) => call.resume().once("close", resolve))
  call.end(setManifestRequest(size))
  await closed
  return status
}

/** The prefix of a message of 1 MiB. */
export const largePrefix: Buffer = Buffer.of(0, 0, 0x10, 0, 0)

/** A frame of HTTP/2 (RFC 9113 §4.1). */
export function frame(type: number, flags: number, payload: Buffer, stream = 1): Buffer {
  return Buffer.concat([Buffer.of(0, 0, payload.length, type, flags, 0, 0, 0, stream), payload])
}

/** A header field that HPACK has a name for (RFC 7541 §6.2.2, name by index below 15 + 128). */
export function header(index: number, value: string): Buffer {
  const name = index < 15 ? [index] : [15, index - 15]
  return Buffer.concat([Buffer.of(...name, value.length), Buffer.from(value)])
}
