import { createPublicKey } from "node:crypto"
import { describe, expect, test } from "@jest/globals"
import { encodeUtf8, issueAttestedCertificate } from "../../src/index.ts"
import { codeOf } from "../support/code-of.ts"
import { options } from "../support/deployment.ts"
import { keyPair } from "../support/keys.ts"

const key = keyPair("p256").privateKey

describe("issueAttestedCertificate", () => {
  test("names Contrast, two hours around now, and nothing else", () => {
    const certificate = issueAttestedCertificate({ key, ...options() })

    expect(certificate.subjectCommonName).toBe("Contrast")
    expect(certificate.issuer).toEqual(certificate.subject)
    expect(certificate.notBefore.toISOString()).toBe("2026-11-22T10:00:00.000Z")
    expect(certificate.notAfter.toISOString()).toBe("2026-11-22T14:00:00.000Z")
    expect(certificate.extensions).toEqual([])
    expect(certificate.publicKey.equals(createPublicKey(key))).toBe(true)
  })

  test("carries evidence without another layer around the document", () => {
    const evidence = { oid: "1.3.9901.2.99", document: encodeUtf8("{}") }

    expect(issueAttestedCertificate({ key, evidence, ...options() }).extensions).toEqual([
      { oid: evidence.oid, critical: false, value: evidence.document },
    ])
  })

  test("refuses a document that would not fit", () => {
    const evidence = { oid: "1.3.9901.2.99", document: new Uint8Array(64 * 1024) }

    expect(codeOf(() => issueAttestedCertificate({ key, evidence, ...options() }))).toBe("CERTIFICATE")
  })
})
