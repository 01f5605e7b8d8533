import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import type { ConnectionOptions } from "node:tls"
import { findEvidence, handshakeReportData } from "@contrast/attestation"
import { decodeHex, encodeHex, parseCertificate, readAcceptableCaNonce, verifySelfSigned } from "@contrast/crypto"
import { afterEach, describe, expect, test } from "@jest/globals"
import { findNonce } from "../src/handshake-nonce.ts"
import { handshake } from "./support/raw-tls.ts"
import { closeAll, startServer, validate } from "./support/stage.ts"

const folder = process.env["CONTRAST_VECTORS"] ?? join(import.meta.dirname, "../../../../shared/vectors")
const file = join(folder, "peer/atls.json")
const found = existsSync(file)
const describeWithVectors = found ? describe : describe.skip

/** What the established implementation showed and took. */
interface PeerAtls {
  readonly clientNonceHex: string
  readonly serverCertificateDerHex: string
  readonly expectedReportDataHex: string
  readonly attestationOid: string
  readonly hostDataHex: string
  readonly acceptableCAsDerHex: readonly string[]
  readonly originalClientHello: { readonly alpn: readonly string[]; readonly sni: string }
  readonly handshakes: readonly { readonly case: string; readonly result: string }[]
}

const peer = (found ? JSON.parse(readFileSync(file, "utf8")) : { handshakes: [] }) as PeerAtls // only our own vectors

afterEach(closeAll)

describeWithVectors(`what the established implementation showed${found ? "" : " (set CONTRAST_VECTORS)"}`, () => {
  const certificate = (): ReturnType<typeof parseCertificate> =>
    parseCertificate(decodeHex(peer.serverCertificateDerHex))

  test("is a self-signed certificate with evidence for the client's nonce", async () => {
    const { subjectPublicKeyInfo } = certificate()
    const reportData = handshakeReportData({ subjectPublicKeyInfo, nonce: decodeHex(peer.clientNonceHex) })
    const evidence = findEvidence(certificate())
    if (evidence === undefined) throw new TypeError("expected evidence")

    verifySelfSigned(certificate(), new Date("2026-11-22T20:00:00Z"))
    expect(encodeHex(reportData)).toBe(peer.expectedReportDataHex)
    expect(evidence.oid).toBe(peer.attestationOid)
    expect((await validate(evidence, reportData)).policyHash).toBe(peer.hostDataHex)
  })

  test("is nothing for any other nonce", async () => {
    const { subjectPublicKeyInfo } = certificate()
    const evidence = findEvidence(certificate())
    if (evidence === undefined) throw new TypeError("expected evidence")

    for (let bit = 0; bit < 256; bit++) {
      const nonce = decodeHex(peer.clientNonceHex)
      nonce[bit >> 3] = (nonce[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      const reportData = handshakeReportData({ subjectPublicKeyInfo, nonce })
      await expect(validate(evidence, reportData)).rejects.toMatchObject({ code: "REPORT_DATA" })
    }
  })

  test("asks clients with one name that carries a nonce", () => {
    expect(peer.acceptableCAsDerHex).toHaveLength(1)
    expect(readAcceptableCaNonce(decodeHex(peer.acceptableCAsDerHex[0] ?? ""))).toHaveLength(32)
  })

  test("as a client is understood", () => {
    const { alpn, sni } = peer.originalClientHello

    expect(findNonce({ protocols: alpn, serverName: sni })).toHaveLength(32)
  })
})

const nonce = "00".repeat(16) + "ab".repeat(16)
const alpnNonce = `atls:v1:nonce:${nonce}`
const sniNonce = Buffer.from(nonce, "hex").toString("base64")

/** A handshake of the list: what a client sends, and what comes of it here. */
interface Case {
  readonly options: ConnectionOptions
  /** `evidence` or `session`: taken, with or without evidence in the certificate; else the error that the client sees. */
  readonly ours: "evidence" | "session" | RegExp
  /** Why ours differs from the established implementation. */
  readonly differs?: string
}

const noProtocol = /no application protocol/
const internalError = /internal error/
const ourNonce = "a nonce has exactly 32 bytes"

const cases: Readonly<Record<string, Case>> = {
  "ALPN nonce + h2": { options: { ALPNProtocols: [alpnNonce, "h2"] }, ours: "evidence" },
  "ALPN nonce upper-case hex + h2": {
    options: { ALPNProtocols: [`atls:v1:nonce:${nonce.toUpperCase()}`, "h2"] },
    ours: "evidence",
  },
  "h2 first, ALPN nonce second": { options: { ALPNProtocols: ["h2", alpnNonce] }, ours: "evidence" },
  "ALPN nonce without h2": { options: { ALPNProtocols: [alpnNonce] }, ours: noProtocol },
  "ALPN v2": { options: { ALPNProtocols: [`atls:v2:nonce:${nonce}`, "h2"] }, ours: internalError },
  "ALPN not hex": { options: { ALPNProtocols: ["atls:v1:nonce:zz", "h2"] }, ours: internalError },
  "ALPN empty nonce": {
    options: { ALPNProtocols: ["atls:v1:nonce:", "h2"] },
    ours: internalError,
    differs: ourNonce,
  },
  "ALPN 16-byte nonce": {
    options: { ALPNProtocols: [`atls:v1:nonce:${"00".repeat(16)}`, "h2"] },
    ours: internalError,
    differs: ourNonce,
  },
  "two ALPN nonces (first wins)": {
    options: { ALPNProtocols: [alpnNonce, `atls:v1:nonce:${"11".repeat(32)}`, "h2"] },
    ours: "evidence",
  },
  "first ALPN atls entry unsupported, second fine": {
    options: { ALPNProtocols: ["atls:v9", alpnNonce, "h2"] },
    ours: internalError,
  },
  "SNI nonce only + h2": { options: { servername: sniNonce, ALPNProtocols: ["h2"] }, ours: "evidence" },
  "SNI not base64 + h2": {
    options: { servername: "not-base64.example", ALPNProtocols: ["h2"] },
    ours: "session",
    differs: "without a nonce the client attests the server over the session",
  },
  "SNI that happens to be base64 (abcd) + h2": {
    options: { servername: "abcd", ALPNProtocols: ["h2"] },
    ours: "session",
    differs: "only 32 bytes count, any other server name is a host name",
  },
  "no nonce": {
    options: { ALPNProtocols: ["h2"] },
    ours: "session",
    differs: "without a nonce the client attests the server over the session",
  },
  "no ALPN at all, SNI nonce": {
    options: { servername: sniNonce },
    ours: noProtocol,
    differs: "gRPC needs h2",
  },
  "TLS 1.2 max": {
    options: { ALPNProtocols: [alpnNonce, "h2"], maxVersion: "TLSv1.2" },
    ours: /protocol version/,
    differs: "TLS 1.3 only",
  },
  "TLS 1.1 max": {
    options: {
      ALPNProtocols: [alpnNonce, "h2"],
      minVersion: "TLSv1.1",
      maxVersion: "TLSv1.1",
      ciphers: "DEFAULT@SECLEVEL=0",
    },
    ours: /protocol version/,
  },
  "X25519 only": { options: { ALPNProtocols: [alpnNonce, "h2"], ecdhCurve: "X25519" }, ours: "evidence" },
  "P-384 only": { options: { ALPNProtocols: [alpnNonce, "h2"], ecdhCurve: "P-384" }, ours: "evidence" },
}

describe("of the handshakes that the established implementation was asked for", () => {
  test.each(Object.entries(cases))("%s", async (name, { options, ours, differs }) => {
    const { port } = await startServer({ clientEvidence: "none" })
    const theirs = peer.handshakes.find((entry) => entry.case === name)?.result

    if (ours instanceof RegExp) {
      await expect(handshake(port, options)).rejects.toThrow(ours)
    } else {
      const socket = await handshake(port, options)
      const certificate = parseCertificate(socket.getPeerX509Certificate()?.raw ?? new Uint8Array())
      expect(socket.alpnProtocol).toBe("h2")
      expect(socket.getProtocol()).toBe("TLSv1.3")
      expect(findEvidence(certificate) !== undefined).toBe(ours === "evidence")
    }
    if (theirs !== undefined) {
      const outcome = ours instanceof RegExp ? "refused" : ours
      expect((theirs.startsWith("ok") ? "evidence" : "refused") === outcome).toBe(differs === undefined)
    }
  })

  test("none is forgotten", () => {
    expect(Object.keys(cases)).toEqual(expect.arrayContaining(peer.handshakes.map((entry) => entry.case)))
  })
})

test("the evidence in the handshake is over the certificate's key and the client's nonce", async () => {
  const { port } = await startServer({ clientEvidence: "none" })
  const socket = await handshake(port, { ALPNProtocols: [alpnNonce, "h2"] })
  const certificate = parseCertificate(socket.getPeerX509Certificate()?.raw ?? new Uint8Array())
  const { subjectPublicKeyInfo, subjectCommonName } = certificate
  const evidence = findEvidence(certificate)
  if (evidence === undefined) throw new TypeError("expected evidence")

  const reportData = handshakeReportData({ subjectPublicKeyInfo, nonce: decodeHex(nonce) })

  expect(subjectCommonName).toBe("Contrast")
  await expect(validate(evidence, reportData)).resolves.toMatchObject({ platform: "insecure" })
})
