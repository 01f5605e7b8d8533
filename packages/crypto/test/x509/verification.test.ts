import { type KeyObject, createPublicKey, sign } from "node:crypto"
import { describe, expect, test } from "@jest/globals"
import {
  type Authority,
  type Certificate,
  type ChainInputs,
  issueAttestedCertificate,
  issueIntermediateCertificate,
  issueMeshCaCertificate,
  issueRootCertificate,
  parseCertificate,
  parseCertificatesPem,
  verifyChain,
  verifyIssuedBy,
  verifySelfSigned,
} from "../../src/index.ts"
import {
  Tag,
  bitString,
  constructed,
  encodeDer,
  integer,
  objectIdentifier,
  parseDer,
  primitive,
} from "../../src/x509/der.ts"
import { encodeCommonName } from "../../src/x509/distinguished-name.ts"
import { type CertificateExtension, ExtensionOid } from "../../src/x509/extensions.ts"
import { encodePublicKeyInfo, signCertificate } from "../../src/x509/issuance.ts"
import { hoursAfter } from "../../src/x509/time.ts"
import { codeOf, messageOf } from "../support/code-of.ts"
import { intermediate, leaf, meshCa, now, options, root } from "../support/deployment.ts"
import { keys } from "../support/keys.ts"
import { describeOutside, readOutsideJson, readOutsideText } from "../support/vectors.ts"

const TRUE = primitive(Tag.boolean, Uint8Array.of(0xff))

/** BasicConstraints; `limit` is the path length. */
function constraints(limit?: number): CertificateExtension {
  const fields = limit === undefined ? [TRUE] : [TRUE, integer(Uint8Array.of(limit))]
  return { oid: ExtensionOid.basicConstraints, critical: true, value: encodeDer(constructed(Tag.sequence, ...fields)) }
}

function usage(...bits: readonly number[]): CertificateExtension {
  return {
    oid: ExtensionOid.keyUsage,
    critical: true,
    value: encodeDer(primitive(Tag.bitString, Uint8Array.from(bits))),
  }
}

const SIGNS_CERTIFICATES = usage(2, 0x04)

interface Draft {
  readonly subject?: string
  readonly issuer?: string
  readonly subjectKey?: KeyObject
  readonly signingKey?: KeyObject
  readonly extensions?: readonly CertificateExtension[]
  readonly notBefore?: Date
  readonly notAfter?: Date
}

/** A certificate over one key; anything may be changed. */
function issue(draft: Draft = {}): Certificate {
  const {
    subject = "ca",
    issuer = subject,
    subjectKey = keys.p256.publicKey,
    signingKey = keys.p256.privateKey,
  } = draft
  const content = {
    serial: options().serial,
    issuer: encodeCommonName(issuer),
    subject: encodeCommonName(subject),
    notBefore: draft.notBefore ?? hoursAfter(now, -1),
    notAfter: draft.notAfter ?? hoursAfter(now, 1),
    subjectPublicKeyInfo: encodePublicKeyInfo(subjectKey),
    extensions: draft.extensions ?? [],
  }
  return signCertificate(content, signingKey)
}

/** The certificate signed once more, by another algorithm. */
function signedAs(
  certificate: Certificate,
  oid: string,
  key: KeyObject,
  algorithm: string,
  ...parameters: readonly Uint8Array[]
): Certificate {
  const identifier = constructed(Tag.sequence, objectIdentifier(oid), ...parameters.map((der) => parseDer(der)))
  const fields = parseDer(certificate.signedBytes).value
  const signed = constructed(
    Tag.sequence,
    ...(typeof fields === "string" ? [] : fields).map((field, index) => (index === 2 ? identifier : field)),
  )
  const signature = bitString(sign(algorithm, encodeDer(signed), key))
  return parseCertificate(encodeDer(constructed(Tag.sequence, signed, identifier, signature)))
}

/** The code of the refusal, if any. */
function judgeAlone(certificate: Certificate, at: Date = now): unknown {
  return codeOf(() => {
    verifySelfSigned(certificate, at)
  })
}

function judge(certificate: Certificate, issuer: Certificate): unknown {
  return codeOf(() => {
    verifyIssuedBy(certificate, issuer, now)
  })
}

function judgeChain(inputs: Omit<ChainInputs, "now"> & Partial<ChainInputs>): unknown {
  return codeOf(() => {
    verifyChain({ now, ...inputs })
  })
}

describe("verifySelfSigned", () => {
  test.each(["p256", "p384", "p521", "rsa2048"] as const)("takes our certificates over %s", (kind) => {
    const certificate = issueAttestedCertificate({ key: keys[kind].privateKey, ...options() })

    expect(judgeAlone(certificate, now)).toBe(undefined)
  })

  test.each([
    ["sha256", "1.2.840.113549.1.1.11", "rsa2048"],
    ["sha384", "1.2.840.113549.1.1.12", "rsa2048"],
    ["sha512", "1.2.840.113549.1.1.13", "rsa2048"],
    ["sha256", "1.2.840.10045.4.3.2", "p384"],
    ["sha384", "1.2.840.10045.4.3.3", "p256"],
    ["sha512", "1.2.840.10045.4.3.4", "p384"],
  ] as const)("takes %s with %s by %s", (algorithm, oid, kind) => {
    const { privateKey, publicKey } = keys[kind]
    const parameters = kind === "rsa2048" ? [encodeDer(primitive(Tag.null))] : []
    const certificate = signedAs(issue({ subjectKey: publicKey }), oid, privateKey, algorithm, ...parameters)

    expect(judgeAlone(certificate, now)).toBe(undefined)
  })

  test.each([
    ["SHA-1", "1.2.840.10045.4.1", "p256", "sha1"],
    ["another hash than it names", "1.2.840.10045.4.3.2", "p256", "sha384"],
    ["an algorithm of another kind of key", "1.2.840.10045.4.3.2", "rsa2048", "sha256"],
    ["RSA without parameters", "1.2.840.113549.1.1.11", "rsa2048", "sha256"],
  ] as const)("refuses a signature by %s", (_name, oid, kind, algorithm) => {
    const certificate = signedAs(issue({ subjectKey: keys[kind].publicKey }), oid, keys[kind].privateKey, algorithm)

    expect(judgeAlone(certificate, now)).toBe("CERTIFICATE_SIGNATURE")
  })

  test("says which kind of key it is that has no known algorithm", () => {
    const certificate = signedAs(issue(), "1.2.3", keys.p256.privateKey, "sha256")

    expect(
      messageOf(() => {
        verifySelfSigned(certificate, now)
      }),
    ).toBe("no known signature algorithm of a key that is prime256v1 public")
  })

  test("takes the first and the last moment of validity, and none outside", () => {
    const certificate = issue({ notBefore: now, notAfter: hoursAfter(now, 1) })
    const [first, last] = [certificate.notBefore, certificate.notAfter]
    const at = (date: Date): unknown => judgeAlone(certificate, date)

    expect([at(first), at(last)]).toEqual([undefined, undefined])
    expect(at(new Date(first.getTime() - 1))).toBe("CERTIFICATE_NOT_YET_VALID")
    expect(at(new Date(last.getTime() + 1))).toBe("CERTIFICATE_EXPIRED")
  })

  test("refuses another issuer's name and another key's signature", () => {
    expect(judgeAlone(issue({ issuer: "other" }), now)).toBe("CERTIFICATE_ISSUER")
    expect(judgeAlone(issue({ subjectKey: keys.p384.publicKey }), now)).toBe("CERTIFICATE_SIGNATURE")
    expect(judgeAlone(leaf, now)).toBe("CERTIFICATE_ISSUER")
  })

  test("refuses a changed byte", () => {
    const der = issue().der.map((byte, index, all) => (index === all.length - 1 ? byte ^ 1 : byte))

    expect(judgeAlone(parseCertificate(der), now)).toBe("CERTIFICATE_SIGNATURE")
  })

  test("refuses an unknown extension if it is critical", () => {
    const extension = { oid: "1.2.3", critical: false, value: new Uint8Array(0) }

    expect(judgeAlone(issue({ extensions: [extension] }), now)).toBe(undefined)
    expect(judgeAlone(issue({ extensions: [{ ...extension, critical: true }] }), now)).toBe("CERTIFICATE_EXTENSION")
  })

  test("knows the critical extensions that certificates for TLS carry", () => {
    const oids = [
      ExtensionOid.keyUsage,
      ExtensionOid.subjectAltName,
      ExtensionOid.basicConstraints,
      ExtensionOid.extendedKeyUsage,
    ]
    const extensions = oids.map((oid) => ({ oid, critical: true, value: new Uint8Array(0) }))

    expect(judgeAlone(issue({ extensions }), now)).toBe(undefined)
  })
})

describe("verifyIssuedBy", () => {
  const authority = issue({ extensions: [constraints(), SIGNS_CERTIFICATES] })
  const child = issue({ subject: "leaf", issuer: "ca", subjectKey: keys.p384.publicKey })

  test("takes what an authority issued", () => {
    expect(judge(child, authority)).toBe(undefined)
    expect(judge(leaf, meshCa.certificate)).toBe(undefined)
  })

  test.each<[string, readonly CertificateExtension[]]>([
    ["no constraints", []],
    ["constraints that say nothing", [{ ...constraints(), value: encodeDer(constructed(Tag.sequence)) }]],
    [
      "only a path length",
      [{ ...constraints(), value: encodeDer(constructed(Tag.sequence, integer(Uint8Array.of(1)))) }],
    ],
    ["constraints that are no DER", [{ ...constraints(), value: Uint8Array.of(0x30) }]],
    ["constraints of another type", [{ ...constraints(), value: encodeDer(constructed(Tag.set, TRUE)) }]],
    [
      "a flag that says no",
      [{ ...constraints(), value: encodeDer(constructed(Tag.sequence, primitive(Tag.boolean, Uint8Array.of(0)))) }],
    ],
    [
      "a negative path length",
      [constraints(0xff)].map((one) => ({
        ...one,
        value: encodeDer(constructed(Tag.sequence, TRUE, primitive(Tag.integer, Uint8Array.of(0xff)))),
      })),
    ],
    [
      "an empty path length",
      [{ ...constraints(), value: encodeDer(constructed(Tag.sequence, TRUE, primitive(Tag.integer))) }],
    ],
    [
      "a path length of two bytes",
      [{ ...constraints(), value: encodeDer(constructed(Tag.sequence, TRUE, integer(Uint8Array.of(1, 0)))) }],
    ],
    [
      "a third constraint",
      [{ ...constraints(), value: encodeDer(constructed(Tag.sequence, TRUE, integer(Uint8Array.of(1)), TRUE)) }],
    ],
    ["key usage for handshakes only", [constraints(), usage(7, 0x80)]],
    ["key usage without bits", [constraints(), usage(0)]],
    ["key usage that is no bit string", [constraints(), { ...usage(), value: Uint8Array.of(4, 0) }]],
  ])("refuses an issuer with %s", (_name, extensions) => {
    const issuer = issue({ extensions })

    expect(judge(child, issuer)).toBe("CERTIFICATE_AUTHORITY")
  })

  test("takes an issuer without key usage, or with more of it", () => {
    for (const extensions of [[constraints()], [constraints(), usage(0, 0xff)], [constraints(127)]]) {
      expect(judge(child, issue({ extensions }))).toBe(undefined)
    }
  })

  test("refuses another issuer, by name and by key", () => {
    const sameName = issue({
      extensions: [constraints()],
      subjectKey: keys.p384.publicKey,
      signingKey: keys.p384.privateKey,
    })

    expect(judge(child, root.certificate)).toBe("CERTIFICATE_ISSUER")
    expect(judge(child, sameName)).toBe("CERTIFICATE_SIGNATURE")
  })

  test("wants both within their validity and free of unknown critical extensions", () => {
    const expired = { notAfter: hoursAfter(now, -0.5) }
    const unknown = { oid: "1.2.3", critical: true, value: new Uint8Array(0) }
    const authorityWith = (draft: Draft): Certificate => issue({ extensions: [constraints()], ...draft })

    expect(judge(issue({ subject: "leaf", issuer: "ca", ...expired }), authority)).toBe("CERTIFICATE_EXPIRED")
    expect(judge(child, authorityWith(expired))).toBe("CERTIFICATE_EXPIRED")
    expect(judge(child, authorityWith({ extensions: [constraints(), unknown] }))).toBe("CERTIFICATE_EXTENSION")
    expect(judge(issue({ subject: "leaf", issuer: "ca", extensions: [unknown] }), authority)).toBe(
      "CERTIFICATE_EXTENSION",
    )
  })
})

describe("verifyChain", () => {
  const roots = [root.certificate]

  test("climbs over an intermediate or stands on the mesh CA alone", () => {
    expect(judgeChain({ leaf, intermediates: [intermediate], roots, now })).toBe(undefined)
    expect(judgeChain({ leaf, intermediates: [], roots: [meshCa.certificate], now })).toBe(undefined)
  })

  test("stands on a root that was issued again for the same key", () => {
    const again = issueRootCertificate({ key: root.key, ...options() })

    expect(judgeChain({ leaf, intermediates: [intermediate], roots: [again], now })).toBe(undefined)
  })

  test("passes over intermediates of the right name that lead nowhere", () => {
    const dead = issueMeshCaCertificate({ key: keys.p256.privateKey, ...options() })

    expect(judgeChain({ leaf, intermediates: [dead, intermediate], roots: [dead, ...roots], now })).toBe(undefined)
  })

  test.each<[string, readonly Certificate[], readonly Certificate[], string]>([
    ["no roots", [intermediate], [], "CERTIFICATE_ISSUER"],
    ["no intermediate", [], roots, "CERTIFICATE_ISSUER"],
    ["only a self-signed intermediate", [meshCa.certificate], roots, "CERTIFICATE_ISSUER"],
    [
      "another root of the same name",
      [intermediate],
      [issueRootCertificate({ key: keys.p384.privateKey, ...options() })],
      "CERTIFICATE_SIGNATURE",
    ],
    ["the root among the untrusted only", [intermediate, root.certificate], [], "CERTIFICATE_ISSUER"],
    ["the leaf as its own root", [], [leaf], "CERTIFICATE_ISSUER"],
  ])("refuses to climb with %s", (_name, intermediates, trusted, code) => {
    expect(judgeChain({ leaf, intermediates, roots: trusted, now })).toBe(code)
  })

  test("gives the first refusal when several candidates fail", () => {
    const expired = issue({ extensions: [constraints()], notAfter: hoursAfter(now, -0.5) })
    const foreign = issue({
      extensions: [constraints()],
      subjectKey: keys.p384.publicKey,
      signingKey: keys.p384.privateKey,
    })
    const child = issue({ subject: "leaf", issuer: "ca" })

    expect(judgeChain({ leaf: child, intermediates: [foreign], roots: [expired], now })).toBe("CERTIFICATE_EXPIRED")
    expect(judgeChain({ leaf: child, intermediates: [expired], roots: [foreign], now })).toBe("CERTIFICATE_SIGNATURE")
  })

  test("refuses more than four intermediates before any work", () => {
    const five = [intermediate, intermediate, intermediate, intermediate, intermediate]

    expect(judgeChain({ leaf, intermediates: five.slice(1), roots, now })).toBe(undefined)
    expect(judgeChain({ leaf, intermediates: five, roots, now })).toBe("CERTIFICATE_ISSUER")
    expect(
      messageOf(() => {
        verifyChain({ leaf, intermediates: five, roots, now })
      }),
    ).toContain("at most 4")
  })

  test("ends on authorities that vouch for each other", () => {
    const [a, b] = [
      issue({ subject: "a", issuer: "b", extensions: [constraints()] }),
      issue({ subject: "b", issuer: "a", extensions: [constraints()] }),
    ]
    const child = issue({ subject: "leaf", issuer: "a" })

    expect(judgeChain({ leaf: child, intermediates: [a, b], roots, now })).toBe("CERTIFICATE_ISSUER")
  })

  test.each([
    [0, "CERTIFICATE_AUTHORITY"],
    [1, undefined],
    [2, undefined],
  ])("keeps a root's path length of %d over one intermediate", (limit, code) => {
    const trusted = issue({ subject: "root", extensions: [constraints(limit)] })
    const middle = issue({ subject: "ca", issuer: "root", extensions: [constraints(0)] })
    const child = issue({ subject: "leaf", issuer: "ca" })

    expect(judgeChain({ leaf: child, intermediates: [middle], roots: [trusted], now })).toBe(code)
  })
})

describeOutside("certificates of the established implementation", () => {
  const read = (path: string): readonly [Certificate, ...Certificate[]] => parseCertificatesPem(readOutsideText(path))
  const generatedAt = new Date("2026-11-22T19:48:00Z")

  test.each(["set-1", "set-2", "set-3", "after-recover"])("of %s stand by themselves", (folder) => {
    const [rootCa] = read(`peer/history/${folder}/coordinator-root-ca.pem`)
    const [mesh] = read(`peer/history/${folder}/mesh-ca.pem`)

    expect(judgeAlone(rootCa, generatedAt)).toBe(undefined)
    expect(judgeAlone(mesh, generatedAt)).toBe(undefined)
    expect(rootCa.publicKey.equals(createPublicKey(root.key))).toBe(true)
  })

  test("verify under the mesh CA, and over the intermediate under every root of the same key", () => {
    const [workload, ...intermediates] = read("peer/mesh/certChain.pem")
    const [mesh] = read("peer/mesh/mesh-ca.pem")
    const roots = ["mesh", "history/set-1", "history/after-recover"].map(
      (folder) => read(`peer/${folder}/coordinator-root-ca.pem`)[0],
    )

    expect(judgeChain({ leaf: workload, intermediates: [], roots: [mesh], now: generatedAt })).toBe(undefined)
    for (const trusted of [...roots, root.certificate]) {
      expect(judgeChain({ leaf: workload, intermediates, roots: [trusted], now: generatedAt })).toBe(undefined)
    }
    expect(
      judgeChain({
        leaf: workload,
        intermediates: [],
        roots: read("peer/history/set-1/mesh-ca.pem"),
        now: generatedAt,
      }),
    ).toBe("CERTIFICATE_SIGNATURE")
  })

  test("mixed with ours: a P-256 mesh key under a P-384 root, as its own check found", () => {
    const checks = readOutsideJson("peer/ca-checks.json") as Readonly<Record<string, unknown>>
    const [, verdict] = Object.entries(checks).find(([name]) => name.startsWith("mesh key P-256")) ?? []
    const vouched: Authority = { key: root.key, certificate: read("peer/history/set-1/coordinator-root-ca.pem")[0] }
    const ours = issueIntermediateCertificate({
      root: vouched,
      meshPublicKey: meshCa.certificate.publicKey,
      ...options(),
    })

    expect(verdict).toEqual([true, true, "ECDSA-SHA256"])
    expect(judgeChain({ leaf, intermediates: [ours], roots: [vouched.certificate], now: generatedAt })).toBe(undefined)
  })

  test("made for an attested connection stand by themselves, in their hours", () => {
    const { serverCertificateDerHex } = readOutsideJson("peer/atls.json") as {
      readonly serverCertificateDerHex: string
    }
    const certificate = parseCertificate(new Uint8Array(Buffer.from(serverCertificateDerHex, "hex")))

    expect(judgeAlone(certificate, generatedAt)).toBe(undefined)
    expect(judgeAlone(certificate, hoursAfter(generatedAt, 3))).toBe("CERTIFICATE_EXPIRED")
  })
})
