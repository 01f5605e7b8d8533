import { X509Certificate, createPublicKey } from "node:crypto"
import { describe, expect, test } from "@jest/globals"
import {
  type Certificate,
  type LeafInputs,
  createSeedEngine,
  decodeHex,
  encodeHex,
  generateP256Key,
  issueLeafCertificate,
  parseCertificatesPem,
  parseSubjectAltNames,
  readWorkloadSecretId,
} from "../../src/index.ts"
import { codeOf } from "../support/code-of.ts"
import { leaf, leafKey, meshCa, options, root } from "../support/deployment.ts"
import { keyPair } from "../support/keys.ts"
import { describeOutside, readOutsideJson, readOutsideText } from "../support/vectors.ts"

const publicKey = createPublicKey(leafKey)

function issue(inputs: Partial<LeafInputs> = {}): Certificate {
  return issueLeafCertificate({ meshCa, publicKey, names: parseSubjectAltNames(["web"]), ...options(), ...inputs })
}

function extensionOf(certificate: Certificate, oid: string): string | undefined {
  const value = certificate.extensions.find((extension) => extension.oid === oid)?.value
  return value && encodeHex(value)
}

describe("issueLeafCertificate", () => {
  test("writes the extensions of a workload's certificate", () => {
    expect(leaf.extensions.map(({ oid, critical }) => [oid, critical])).toEqual([
      ["2.5.29.15", true],
      ["2.5.29.37", false],
      ["2.5.29.19", true],
      ["2.5.29.35", false],
      ["2.5.29.17", false],
      ["1.3.9901.3.1", false],
    ])
    expect(extensionOf(leaf, "2.5.29.15")).toBe("03020780")
    expect(extensionOf(leaf, "2.5.29.37")).toBe("301406082b0601050507030206082b06010505070301")
    expect(extensionOf(leaf, "2.5.29.19")).toBe("3000")
    expect(extensionOf(leaf, "2.5.29.35")?.slice(8)).toBe(extensionOf(meshCa.certificate, "2.5.29.14")?.slice(4))
  })

  test("is read by OpenSSL with its names and purposes", () => {
    const certificate = new X509Certificate(leaf.der)

    expect(certificate.subject).toBe("CN=web")
    expect(certificate.issuer).toBe("CN=system:coordinator:intermediate")
    expect(certificate.subjectAltName).toBe(
      "DNS:web, DNS:*, IP Address:10.1.2.3, IP Address:FD00:0:0:0:0:0:0:1, URI:spiffe://cluster.local/ns/default/sa/web",
    )
    expect(certificate.ca).toBe(false)
    expect(certificate.verify(createPublicKey(meshCa.key))).toBe(true)
    expect(certificate.checkIssued(new X509Certificate(meshCa.certificate.der))).toBe(true)
  })

  test("is valid from one hour ago for a year", () => {
    expect(leaf.notBefore.toISOString()).toBe("2026-11-22T11:00:00.000Z")
    expect(leaf.notAfter.toISOString()).toBe("2027-11-22T12:00:00.000Z")
  })

  test.each([
    ["a public key", publicKey],
    ["a private key, for its public half", leafKey],
    ["an encoded public key", leaf.subjectPublicKeyInfo],
  ])("takes %s", (_name, key) => {
    expect(issue({ publicKey: key }).publicKey.equals(publicKey)).toBe(true)
  })

  test("refuses bytes that are no key", () => {
    expect(codeOf(() => issue({ publicKey: Uint8Array.of(1, 2, 3) }))).toBe("DER")
  })

  test("without a DNS name has an empty subject and critical names", () => {
    const certificate = issue({ names: parseSubjectAltNames(["10.1.2.3"]) })

    expect(encodeHex(certificate.subject)).toBe("3000")
    expect(certificate.subjectCommonName).toBe(undefined)
    expect(certificate.extensions.find(({ oid }) => oid === "2.5.29.17")?.critical).toBe(true)
  })

  test("is named by the first DNS name, whatever stands before it", () => {
    expect(issue({ names: parseSubjectAltNames(["10.1.2.3", "second", "third"]) }).subjectCommonName).toBe("second")
  })

  test("refuses to name nobody", () => {
    expect(codeOf(() => issue({ names: { dns: [], ips: [], uris: [] } }))).toBe("SUBJECT_ALT_NAME")
  })

  test("carries claims between the names and the workload secret id", () => {
    const claim = { oid: "1.3.9901.2.1.1", critical: false, value: decodeHex("020102") }
    const certificate = issue({ extensions: [claim], workloadSecretId: "id" })

    expect(certificate.extensions.slice(-2)).toEqual([
      claim,
      { oid: "1.3.9901.3.1", critical: false, value: decodeHex("04026964") },
    ])
  })

  test("signs by the hash of the mesh key", () => {
    const key = keyPair("p384").privateKey
    const older = { key, certificate: meshCa.certificate }

    expect(encodeHex(issue({ meshCa: older }).signatureAlgorithm)).toBe("300a06082a8648ce3d040303")
    expect(encodeHex(issue().signatureAlgorithm)).toBe("300a06082a8648ce3d040302")
  })
})

describe("readWorkloadSecretId", () => {
  test.each(["apps/v1/Deployment/default/web", "日本語-db", ""])("gives back %j", (id) => {
    expect(readWorkloadSecretId(issue({ workloadSecretId: id }))).toBe(id)
  })

  test("gives undefined where there is none", () => {
    expect(readWorkloadSecretId(issue())).toBe(undefined)
  })

  test.each([
    ["no DER", "6964"],
    ["another type", "0c026964"],
    ["no text", "0401ff"],
  ])("refuses an id that is %s", (_name, hex) => {
    const extension = { oid: "1.3.9901.3.1", critical: false, value: decodeHex(hex) }

    expect(codeOf(() => readWorkloadSecretId(issue({ extensions: [extension] })))).toBe("CERTIFICATE")
  })
})

describe("generateP256Key", () => {
  test("makes a new private key on P-256", () => {
    const key = generateP256Key()

    expect([key.type, key.asymmetricKeyDetails?.namedCurve]).toEqual(["private", "prime256v1"])
    expect(key.equals(generateP256Key())).toBe(false)
  })
})

describeOutside("a workload's certificate of the established implementation", () => {
  test("has the extensions that we would write for the same names, and its secret is ours", () => {
    const [theirs, issuer] = parseCertificatesPem(readOutsideText("peer/mesh/certChain.pem"))
    const { seedHex, saltHex } = readOutsideJson("peer/history/facts.json") as Record<"seedHex" | "saltHex", string>
    const id = readWorkloadSecretId(theirs)
    // Its third name is none that we would take from a manifest (formats.md §14).
    const names = {
      dns: ["web", "*", "<html>&co"],
      ips: ["10.1.2.3", "fd00::1"],
      uris: ["spiffe://cluster.local/ns/default/sa/web"],
    }
    const authority = { key: root.key, certificate: issuer ?? root.certificate }
    const ours = issue({
      meshCa: authority,
      publicKey: theirs.publicKey,
      names,
      ...(id !== undefined && { workloadSecretId: id }),
    })

    expect(id).toBe("apps/v1/Deployment/default/web")
    expect(ours.extensions).toEqual(theirs.extensions)
    expect([ours.subject, ours.issuer, ours.subjectPublicKeyInfo]).toEqual([
      theirs.subject,
      theirs.issuer,
      theirs.subjectPublicKeyInfo,
    ])
    expect(encodeHex(createSeedEngine(decodeHex(seedHex), decodeHex(saltHex)).workloadSecret(id ?? ""))).toBe(
      readOutsideText("peer/mesh/workload-secret-seed"),
    )
  })
})
