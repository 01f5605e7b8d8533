import { type KeyObject, sign } from "node:crypto"
import { describe, expect, test } from "@jest/globals"
import {
  type Certificate,
  issueAttestedCertificate,
  parseCertificate,
  verifyIssuedBy,
  verifySelfSigned,
} from "../../src/index.ts"
import { Tag, bitString, constructed, encodeDer, objectIdentifier, primitive } from "../../src/x509/der.ts"
import { parseDer } from "../../src/x509/der-reading.ts"
import { ExtensionOid } from "../../src/x509/extensions.ts"
import { hoursAfter } from "../../src/x509/time.ts"
import { codeOf, messageOf } from "../support/code-of.ts"
import { leaf, meshCa, now, options, root } from "../support/deployment.ts"
import { type Draft, constraints, issue, usage } from "../support/draft.ts"
import { keyPair } from "../support/keys.ts"

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

describe("verifySelfSigned", () => {
  test.each(["p256", "p384", "p521", "rsa2048"] as const)("takes our certificates over %s", (kind) => {
    const certificate = issueAttestedCertificate({ key: keyPair(kind).privateKey, ...options() })

    expect(judgeAlone(certificate)).toBe(undefined)
  })

  test.each([
    ["sha256", "1.2.840.113549.1.1.11", "rsa2048"],
    ["sha384", "1.2.840.113549.1.1.12", "rsa2048"],
    ["sha512", "1.2.840.113549.1.1.13", "rsa2048"],
    ["sha256", "1.2.840.10045.4.3.2", "p384"],
    ["sha384", "1.2.840.10045.4.3.3", "p256"],
    ["sha512", "1.2.840.10045.4.3.4", "p384"],
  ] as const)("takes %s with %s by %s", (algorithm, oid, kind) => {
    const { privateKey, publicKey } = keyPair(kind)
    const parameters = kind === "rsa2048" ? [encodeDer(primitive(Tag.null))] : []
    const certificate = signedAs(issue({ subjectKey: publicKey }), oid, privateKey, algorithm, ...parameters)

    expect(judgeAlone(certificate)).toBe(undefined)
  })

  test.each([
    ["SHA-1", "1.2.840.10045.4.1", "p256", "sha1"],
    ["another hash than it names", "1.2.840.10045.4.3.2", "p256", "sha384"],
    ["an algorithm of another kind of key", "1.2.840.10045.4.3.2", "rsa2048", "sha256"],
    ["RSA without parameters", "1.2.840.113549.1.1.11", "rsa2048", "sha256"],
  ] as const)("refuses a signature by %s", (_name, oid, kind, algorithm) => {
    const certificate = signedAs(
      issue({ subjectKey: keyPair(kind).publicKey }),
      oid,
      keyPair(kind).privateKey,
      algorithm,
    )

    expect(judgeAlone(certificate)).toBe("CERTIFICATE_SIGNATURE")
  })

  test("says which kind of key it is that has no known algorithm", () => {
    const certificate = signedAs(issue(), "1.2.3", keyPair("p256").privateKey, "sha256")

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
    expect(judgeAlone(issue({ issuer: "other" }))).toBe("CERTIFICATE_ISSUER")
    expect(judgeAlone(issue({ subjectKey: keyPair("p384").publicKey }))).toBe("CERTIFICATE_SIGNATURE")
    expect(judgeAlone(leaf)).toBe("CERTIFICATE_ISSUER")
  })

  test("refuses a changed byte", () => {
    const der = issue().der.map((byte, index, all) => (index === all.length - 1 ? byte ^ 1 : byte))

    expect(judgeAlone(parseCertificate(der))).toBe("CERTIFICATE_SIGNATURE")
  })

  test("refuses an unknown extension if it is critical", () => {
    const extension = { oid: "1.2.3", critical: false, value: new Uint8Array(0) }

    expect(judgeAlone(issue({ extensions: [extension] }))).toBe(undefined)
    expect(judgeAlone(issue({ extensions: [{ ...extension, critical: true }] }))).toBe("CERTIFICATE_EXTENSION")
  })

  test("knows the critical extensions that certificates for TLS carry", () => {
    const oids = [
      ExtensionOid.keyUsage,
      ExtensionOid.subjectAltName,
      ExtensionOid.basicConstraints,
      ExtensionOid.extendedKeyUsage,
    ]
    const extensions = oids.map((oid) => ({ oid, critical: true, value: new Uint8Array(0) }))

    expect(judgeAlone(issue({ extensions }))).toBe(undefined)
  })
})

describe("verifyIssuedBy", () => {
  const authority = issue({ extensions: [constraints(), usage(2, 0x04)] })
  const child = issue({ subject: "leaf", issuer: "ca", subjectKey: keyPair("p384").publicKey })

  test("takes what an authority issued", () => {
    expect(judge(child, authority)).toBe(undefined)
    expect(judge(leaf, meshCa.certificate)).toBe(undefined)
  })

  test("refuses an issuer that is no authority, though it signed", () => {
    expect(judge(child, issue())).toBe("CERTIFICATE_AUTHORITY")
  })

  test("refuses another issuer, by name and by key", () => {
    const sameName = issue({
      extensions: [constraints()],
      subjectKey: keyPair("p384").publicKey,
      signingKey: keyPair("p384").privateKey,
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
