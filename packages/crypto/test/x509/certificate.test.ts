import { createPublicKey, X509Certificate } from "node:crypto"
import { describe, expect, test } from "@jest/globals"
import fc from "fast-check"
import {
  certificatePem,
  concatBytes,
  decodeHex,
  encodeHex,
  encodePem,
  encodeUtf8,
  issueAttestedCertificate,
  parseCertificate,
  parsePeerCertificate,
  parseCertificatesPem,
} from "../../src/index.ts"
import {
  type DerElement,
  Tag,
  bitString,
  constructed,
  contextTag,
  encodeDer,
  explicitTag,
  integer,
  objectIdentifier,
  primitive,
} from "../../src/x509/der.ts"
import { childrenOf, parseDer } from "../../src/x509/der-reading.ts"
import { encodeCommonName } from "../../src/x509/distinguished-name.ts"
import { codeOf } from "../support/code-of.ts"
import { intermediate, leaf, leafKey, meshCa, options, root } from "../support/deployment.ts"
import { FUZZ_RUNS } from "../support/fuzz.ts"
import { keyPair } from "../support/keys.ts"
import { describeOutside, readOutside, readOutsideJson, readOutsideText } from "../support/vectors.ts"

interface PeerCertificate {
  readonly extensions: readonly { readonly oid: string; readonly critical: boolean; readonly valueHex: string }[]
  readonly issuerRawHex: string
  readonly notAfter: string
  readonly notBefore: string
  readonly serialHex: string
  readonly subject: string
  readonly subjectRawHex: string
}

describe("parseCertificate", () => {
  test("gives every field", () => {
    const certificate = parseCertificate(leaf.der)

    expect(certificate).toMatchObject({
      der: leaf.der,
      issuer: meshCa.certificate.subject,
      subject: encodeCommonName("web"),
      subjectCommonName: "web",
      notBefore: new Date("2026-11-22T11:00:00.000Z"),
      notAfter: new Date("2027-11-22T12:00:00.000Z"),
      subjectPublicKeyInfo: new Uint8Array(createPublicKey(leafKey).export({ type: "spki", format: "der" })),
    })
    expect(certificate.publicKey.equals(createPublicKey(leafKey))).toBe(true)
    expect(certificate.extensions.map(({ oid, critical }) => [oid, critical])).toEqual([
      ["2.5.29.15", true],
      ["2.5.29.37", false],
      ["2.5.29.19", true],
      ["2.5.29.35", false],
      ["2.5.29.17", false],
      ["1.3.9901.3.1", false],
    ])
    const [signed, algorithm, signature] = childrenOf(parseDer(leaf.der), Tag.sequence)
    expect([signed, algorithm].map((element) => element && encodeDer(element))).toEqual([
      certificate.signedBytes,
      certificate.signatureAlgorithm,
    ])
    expect(signature && encodeDer(signature)).toEqual(encodeDer(bitString(certificate.signature)))
  })

  test("reads the same from what OpenSSL has read", () => {
    const certificate = parsePeerCertificate(new X509Certificate(certificatePem(leaf)))

    expect({ ...certificate, publicKey: "" }).toEqual({ ...parseCertificate(leaf.der), publicKey: "" })
    expect(certificate.publicKey.equals(createPublicKey(leafKey))).toBe(true)
  })

  test.each([
    ["an array", leaf.der.slice()],
    ["a buffer", Buffer.from(leaf.der)],
  ])("keeps its own copy of the bytes of %s", (_, bytes) => {
    const certificate = parseCertificate(bytes)

    bytes.fill(0)

    expect(certificate.der).toEqual(leaf.der)
    expect(certificate.publicKey.equals(createPublicKey(leafKey))).toBe(true)
  })

  test("takes a document that is almost as large as a certificate may be", () => {
    const evidence = { oid: "1.3.9901.2.1", document: new Uint8Array(64_000) }
    const certificate = issueAttestedCertificate({ key: keyPair("p256").privateKey, evidence, ...options() })

    expect(parseCertificate(certificate.der).extensions[0]?.value).toHaveLength(64_000)
  })

  test.each([
    ["empty", new Uint8Array(0)],
    ["one byte short", leaf.der.subarray(0, -1)],
    ["followed by a byte", concatBytes(leaf.der, Uint8Array.of(0))],
    ["followed by itself", concatBytes(leaf.der, leaf.der)],
    ["PEM", encodeUtf8(certificatePem(leaf))],
    ["a public key", leaf.subjectPublicKeyInfo],
    ["too large", encodeDer(constructed(Tag.sequence, primitive(Tag.octetString, new Uint8Array(64 * 1024))))],
    ["nested too deep", Uint8Array.from({ length: 1000 }, (_, index) => (index % 2 === 0 ? 0x30 : 0x7f))],
  ])("refuses bytes that are %s", (_name, bytes) => {
    expect(codeOf(() => parseCertificate(bytes))).toBe("CERTIFICATE")
  })

  test("refuses every certificate with a flipped bit in its structure, or reads it exactly", () => {
    fc.assert(
      fc.property(fc.nat(leaf.der.length * 8 - 1), (bit) => {
        const bytes = leaf.der.map((byte, index) => (index === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))

        expectExactOrRefused(bytes)
      }),
      { numRuns: FUZZ_RUNS },
    )
  })

  test("refuses certificates with changed, missing and repeated bytes, or reads them exactly", () => {
    const edits = fc.array(
      fc.record({ at: fc.nat(leaf.der.length), remove: fc.nat(4), insert: fc.uint8Array({ maxLength: 4 }) }),
      { minLength: 1, maxLength: 3 },
    )

    fc.assert(
      fc.property(fc.constantFrom(leaf, intermediate, root.certificate), edits, ({ der }, changes) => {
        const bytes = changes.reduce<Uint8Array>(
          (current, { at, remove, insert }) =>
            concatBytes(current.subarray(0, at), insert, current.subarray(at + remove)),
          der,
        )

        expectExactOrRefused(bytes)
      }),
      { numRuns: FUZZ_RUNS },
    )
  })
})

/** A well-formed certificate, part by part, for breaking one at a time. Its signature is not a valid one. */
const parts = {
  version: constructed(explicitTag(0), integer(Uint8Array.of(2))),
  serial: integer(Uint8Array.of(1)),
  algorithm: parseDer(leaf.signatureAlgorithm),
  issuer: parseDer(encodeCommonName("a")),
  validity: constructed(
    Tag.sequence,
    ...["260101000000Z", "270101000000Z"].map((text) => primitive(Tag.utcTime, encodeUtf8(text))),
  ),
  subject: parseDer(encodeCommonName("b")),
  key: parseDer(leaf.subjectPublicKeyInfo),
  extensions: constructed(explicitTag(3), constructed(Tag.sequence, extension("1.2.3"))),
}

function extension(oid: string, ...rest: readonly DerElement[]): DerElement {
  return constructed(Tag.sequence, objectIdentifier(oid), ...(rest.length > 0 ? rest : [primitive(Tag.octetString)]))
}

function certificateOf(
  changes: Partial<Record<keyof typeof parts, DerElement | undefined>>,
  after: readonly DerElement[] = [bitString(Uint8Array.of(1))],
): Uint8Array {
  const fields = Object.values({ ...parts, ...changes }).filter((field) => field !== undefined)
  return encodeDer(constructed(Tag.sequence, constructed(Tag.sequence, ...fields), parts.algorithm, ...after))
}

const octets = primitive(Tag.octetString)
const flag = (...content: readonly number[]): DerElement => primitive(Tag.boolean, Uint8Array.from(content))
const [day, nextDay] = childrenOf(parts.validity, Tag.sequence)
const name = (...attribute: readonly DerElement[]): DerElement =>
  constructed(Tag.sequence, constructed(Tag.set, constructed(Tag.sequence, ...attribute)))

describe("the structure of a certificate", () => {
  test("is read when it is well formed, whoever signed", () => {
    expect(codeOf(() => parseCertificate(certificateOf({})))).toBe(undefined)
  })

  test("may lack extensions", () => {
    expect(parseCertificate(certificateOf({ extensions: undefined })).extensions).toEqual([])
  })

  test("may carry flags that say critical", () => {
    const extensions = constructed(explicitTag(3), constructed(Tag.sequence, extension("1.2.3", flag(0xff), octets)))

    expect(parseCertificate(certificateOf({ extensions })).extensions).toEqual([
      { oid: "1.2.3", critical: true, value: new Uint8Array(0) },
    ])
  })

  test.each<[string, Partial<Record<keyof typeof parts, DerElement | undefined>>]>([
    ["no version, so version 1", { version: undefined }],
    ["version 2", { version: constructed(explicitTag(0), integer(Uint8Array.of(1))) }],
    ["two versions", { version: constructed(explicitTag(0), integer(Uint8Array.of(2)), integer(Uint8Array.of(2))) }],
    ["no serial", { serial: undefined }],
    ["a serial of another type", { serial: octets }],
    ["another algorithm inside", { algorithm: parseDer(root.certificate.signatureAlgorithm) }],
    ["an issuer that is no name", { issuer: constructed(Tag.set) }],
    ["an issuer with an attribute that is none", { issuer: constructed(Tag.sequence, constructed(Tag.set, octets)) }],
    ["no dates", { validity: constructed(Tag.sequence) }],
    ["one date", { validity: constructed(Tag.sequence, day ?? octets) }],
    ["three dates", { validity: constructed(Tag.sequence, ...[day, nextDay, day].map((date) => date ?? octets)) }],
    ["a date of another type", { validity: constructed(Tag.sequence, day ?? octets, octets) }],
    [
      "a subject with broken text",
      { subject: name(objectIdentifier("2.5.4.3"), primitive(Tag.utf8String, Uint8Array.of(0xff))) },
    ],
    ["a subject with an attribute without type", { subject: name() }],
    ["no key", { key: undefined }],
    [
      "a key of no known kind",
      {
        key: constructed(
          Tag.sequence,
          constructed(Tag.sequence, objectIdentifier("1.2.3")),
          bitString(Uint8Array.of(1)),
        ),
      },
    ],
    [
      "a key that is not on its curve",
      { key: parseDer(leaf.subjectPublicKeyInfo.map((byte, index) => (index === 40 ? byte ^ 1 : byte))) },
    ],
    ["a unique identifier of old", { extensions: primitive(contextTag(1), Uint8Array.of(0, 1)) }],
    ["no extension in the list", { extensions: constructed(explicitTag(3)) }],
    [
      "two lists of extensions",
      { extensions: constructed(explicitTag(3), constructed(Tag.sequence), constructed(Tag.sequence)) },
    ],
    [
      "an extension twice",
      { extensions: constructed(explicitTag(3), constructed(Tag.sequence, extension("1.2.3"), extension("1.2.3"))) },
    ],
    ["an extension without value", { extensions: listOf(constructed(Tag.sequence, objectIdentifier("1.2.3"))) }],
    [
      "an extension with a value of another type",
      { extensions: listOf(extension("1.2.3", integer(Uint8Array.of(1)))) },
    ],
    ["an extension with a flag but no value", { extensions: listOf(extension("1.2.3", flag(0xff))) }],
    ["a flag that says not critical", { extensions: listOf(extension("1.2.3", flag(0), octets)) }],
    ["a flag of another true", { extensions: listOf(extension("1.2.3", flag(1), octets)) }],
    ["a flag of two bytes", { extensions: listOf(extension("1.2.3", flag(0xff, 0xff), octets)) }],
    ["an empty flag", { extensions: listOf(extension("1.2.3", flag(), octets)) }],
    ["a fourth part of an extension", { extensions: listOf(extension("1.2.3", flag(0xff), octets, octets)) }],
    ["a third part that takes the place of the flag", { extensions: listOf(extension("1.2.3", octets, octets)) }],
  ])("is refused with %s", (_name, changes) => {
    expect(codeOf(() => parseCertificate(certificateOf(changes)))).toBe("CERTIFICATE")
  })

  test("is refused with a ninth field", () => {
    const fields = constructed(Tag.sequence, ...Object.values(parts), octets)
    const der = encodeDer(constructed(Tag.sequence, fields, parts.algorithm, bitString(Uint8Array.of(1))))

    expect(codeOf(() => parseCertificate(der))).toBe("CERTIFICATE")
  })

  test.each([
    ["no signature", []],
    ["a signature of another type", [octets]],
    ["a signature with unused bits", [primitive(Tag.bitString, Uint8Array.of(1, 2))]],
    ["something behind the signature", [bitString(Uint8Array.of(1)), octets]],
  ])("is refused with %s", (_name, after) => {
    expect(codeOf(() => parseCertificate(certificateOf({}, after)))).toBe("CERTIFICATE")
  })

  test("is refused when it is only content", () => {
    expect(codeOf(() => parseCertificate(encodeDer(constructed(Tag.sequence, constructed(Tag.sequence)))))).toBe(
      "CERTIFICATE",
    )
  })
})

describe("PEM", () => {
  test("holds one certificate or more, in order", () => {
    const pem = certificatePem(leaf) + certificatePem(intermediate)

    expect(parseCertificatesPem(pem).map(({ der }) => der)).toEqual([leaf.der, intermediate.der])
    expect(parseCertificatesPem(encodeUtf8(pem))).toHaveLength(2)
  })

  test.each([
    ["a key", certificatePem(leaf) + encodePem("PRIVATE KEY", Uint8Array.of(1)), "PEM"],
    ["nothing", "", "PEM"],
    ["a block that is no certificate", encodePem("CERTIFICATE", Uint8Array.of(0x30, 0)), "CERTIFICATE"],
  ])("is refused with %s", (_name, pem, code) => {
    expect(codeOf(() => parseCertificatesPem(pem))).toBe(code)
  })
})

describeOutside("certificates from outside", () => {
  test("of the established implementation give the fields that it says", () => {
    const { certs } = readOutsideJson("peer/history/facts.json") as {
      readonly certs: Readonly<Record<string, PeerCertificate>>
    }
    const files: Readonly<Record<string, string>> = {
      root1: "peer/history/set-1/coordinator-root-ca.pem",
      mesh1: "peer/history/set-1/mesh-ca.pem",
      leaf: "peer/mesh/certChain.pem",
    }

    for (const [id, path] of Object.entries(files)) {
      const [certificate] = parseCertificatesPem(readOutsideText(path))
      const facts = certs[id]

      expect({
        extensions: certificate.extensions.map(({ oid, critical, value }) => ({
          critical,
          oid,
          valueHex: encodeHex(value),
        })),
        issuerRawHex: encodeHex(certificate.issuer),
        notAfter: `${certificate.notAfter.toISOString().slice(0, -5)}Z`,
        notBefore: `${certificate.notBefore.toISOString().slice(0, -5)}Z`,
        serialHex: encodeHex(certificate.serialNumber).replace(/^0+/, ""),
        subject: `CN=${certificate.subjectCommonName ?? ""}`,
        subjectRawHex: encodeHex(certificate.subject),
      }).toEqual({
        extensions: facts?.extensions,
        issuerRawHex: facts?.issuerRawHex,
        notAfter: facts?.notAfter,
        notBefore: facts?.notBefore,
        serialHex: facts?.serialHex,
        subject: facts?.subject,
        subjectRawHex: facts?.subjectRawHex,
      })
    }
  })

  test("of AMD and Intel are read, whatever signed them", () => {
    const ders = [
      readOutside("attestation/virtee-sev/vcek_milan.der"),
      readOutside("attestation/virtee-sev/vcek_turin.der"),
      readOutside("attestation/trustee/snp/test-vlek.der"),
      readOutside("attestation/automata-dcap/solana/pck.der"),
    ].map((der) => new Uint8Array(der))
    const pems = ["attestation/virtee-sev/builtin/genoa/ark.pem", "attestation/intel-qvl/pckSignChain.pem"].map(
      readOutsideText,
    )

    for (const der of ders) {
      expect(parseCertificate(der).der).toEqual(der)
    }
    expect(pems.flatMap((pem) => parseCertificatesPem(pem)).length).toBeGreaterThan(2)
  })

  test("made for an attested connection carry their document", () => {
    const facts = readOutsideJson("peer/atls.json") as Record<
      "serverCertificateDerHex" | "attestationOid" | "attestationDocUtf8Hex" | "spkiHex" | "subjectRawHex",
      string
    >
    const certificate = parseCertificate(decodeHex(facts.serverCertificateDerHex))

    expect(certificate.extensions).toEqual([
      { oid: facts.attestationOid, critical: false, value: decodeHex(facts.attestationDocUtf8Hex) },
    ])
    expect(encodeHex(certificate.subjectPublicKeyInfo)).toBe(facts.spkiHex)
    expect(encodeHex(certificate.subject)).toBe(facts.subjectRawHex)
  })
})

function listOf(element: DerElement): DerElement {
  return constructed(explicitTag(3), constructed(Tag.sequence, element))
}

/** Whatever is accepted is exactly what came, and OpenSSL reads the same key from it as we do. */
function expectExactOrRefused(bytes: Uint8Array): void {
  const code = codeOf(() => parseCertificate(bytes))
  if (code !== undefined) {
    expect(code).toBe("CERTIFICATE")
    return
  }
  const certificate = parseCertificate(bytes)
  const key = createPublicKey({ key: Buffer.from(certificate.subjectPublicKeyInfo), format: "der", type: "spki" })

  expect(certificate.der).toEqual(bytes)
  expect(certificate.publicKey.equals(key)).toBe(true)
}

test("the key is the certificate's own though an extension holds another certificate in PEM", () => {
  const evidence = { oid: "1.3.9901.2.99", document: encodeUtf8(certificatePem(root.certificate)) }

  const { der } = issueAttestedCertificate({ key: leafKey, evidence, ...options() })

  expect(parseCertificate(der).publicKey.equals(createPublicKey(leafKey))).toBe(true)
})
