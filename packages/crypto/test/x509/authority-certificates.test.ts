import { createPublicKey } from "node:crypto"
import { describe, expect, test } from "@jest/globals"
import {
  type Certificate,
  type CertificateExtension,
  encodeHex,
  issueIntermediateCertificate,
  issueMeshCaCertificate,
  issueRootCertificate,
  parseWorkloadOwnerKey,
} from "../../src/index.ts"
import { engine, intermediate, meshCa, options, root } from "../support/deployment.ts"
import { describeOutside, readOutsideJson, readOutsideText } from "../support/vectors.ts"

interface PeerCertificate {
  readonly extensions: readonly { readonly oid: string; readonly critical: boolean; readonly valueHex: string }[]
  readonly issuerRawHex: string
  readonly subjectRawHex: string
}

function factsOf({ extensions, issuer, subject }: Certificate): PeerCertificate {
  const toFact = ({ oid, critical, value }: CertificateExtension): PeerCertificate["extensions"][number] => ({
    critical,
    oid,
    valueHex: encodeHex(value),
  })
  return { extensions: extensions.map(toFact), issuerRawHex: encodeHex(issuer), subjectRawHex: encodeHex(subject) }
}

describe("authority certificates", () => {
  test.each([
    ["root", root.certificate, "system:coordinator:root"],
    ["intermediate", intermediate, "system:coordinator:intermediate"],
    ["mesh CA", meshCa.certificate, "system:coordinator:intermediate"],
  ])("of the %s carry their name and ten years", (_name, certificate, name) => {
    expect(certificate.subjectCommonName).toBe(name)
    expect(certificate.notBefore.toISOString()).toBe("2026-11-22T11:00:00.000Z")
    expect(certificate.notAfter.toISOString()).toBe("2036-11-22T12:00:00.000Z")
  })

  test("are for the key that they are about", () => {
    expect(root.certificate.publicKey.equals(createPublicKey(root.key))).toBe(true)
    expect(intermediate.publicKey.equals(createPublicKey(meshCa.key))).toBe(true)
    expect(meshCa.certificate.publicKey.equals(createPublicKey(meshCa.key))).toBe(true)
  })

  test("differ by their serial each time, but not by their key", () => {
    const again = issueRootCertificate({ key: root.key, ...options() })

    expect(again.serialNumber).not.toEqual(root.certificate.serialNumber)
    expect(again.subjectPublicKeyInfo).toEqual(root.certificate.subjectPublicKeyInfo)
  })
})

describeOutside("authority certificates of the established implementation", () => {
  test("have the same names and extensions as ours over the same keys", () => {
    const { certs } = readOutsideJson("peer/history/facts.json") as {
      readonly certs: Readonly<Record<string, PeerCertificate>>
    }
    const meshKey = parseWorkloadOwnerKey(readOutsideText("peer/mesh/recover-meshCAKey.pem"))
    const ours = {
      root1: issueRootCertificate({ key: engine.rootCaKey, ...options() }),
      intermediate: issueIntermediateCertificate({ root, meshPublicKey: createPublicKey(meshKey), ...options() }),
    }

    for (const [id, certificate] of Object.entries(ours)) {
      expect(certs[id]).toMatchObject(factsOf(certificate))
    }
    const mesh = factsOf(issueMeshCaCertificate({ key: meshKey, ...options() }))
    expect(mesh.extensions.map(({ oid, critical }) => [oid, critical])).toEqual(
      certs["mesh1"]?.extensions.map(({ oid, critical }) => [oid, critical]),
    )
    expect(mesh).toMatchObject({
      issuerRawHex: certs["mesh1"]?.issuerRawHex,
      subjectRawHex: certs["mesh1"]?.subjectRawHex,
    })
    expect(mesh.extensions[2]).toEqual(certs["intermediate"]?.extensions[2])
  })
})
