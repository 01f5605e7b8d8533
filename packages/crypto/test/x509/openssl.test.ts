import { execFileSync, spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import {
  type Certificate,
  certificatePem,
  issueAttestedCertificate,
  issueLeafCertificate,
  parseSubjectAltNames,
} from "../../src/index.ts"
import { intermediate, leaf, leafKey, meshCa, now, options, root } from "../support/deployment.ts"
import { keyPair } from "../support/keys.ts"

const found = spawnSync("openssl", ["version"]).status === 0
const [suite, suffix] = found ? [describe, ""] : [describe.skip, " (skipped: openssl not found)"]
const at = String(Math.floor(now.getTime() / 1000))

suite(`OpenSSL${suffix}`, () => {
  let folder = ""
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "crypto-openssl-"))
    const evidence = { oid: "1.3.9901.2.99", document: new Uint8Array(100) }
    const files: Readonly<Record<string, Certificate>> = {
      root: root.certificate,
      mesh: meshCa.certificate,
      intermediate,
      leaf,
      nameless: issueLeafCertificate({
        meshCa,
        publicKey: leafKey,
        names: parseSubjectAltNames(["10.1.2.3"]),
        ...options(),
      }),
      attested: issueAttestedCertificate({ key: keyPair("p256").privateKey, evidence, ...options() }),
      client: issueAttestedCertificate({ key: keyPair("rsa2048").privateKey, ...options() }),
    }
    for (const [name, certificate] of Object.entries(files)) {
      writeFileSync(pathOf(name), certificatePem(certificate))
    }
  })
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })

  function pathOf(name: string): string {
    return join(folder, `${name}.pem`)
  }

  function verify(name: string, ...flags: readonly string[]): string {
    const run = spawnSync("openssl", ["verify", "-x509_strict", "-attime", at, ...flags, pathOf(name)], {
      encoding: "utf8",
    })
    return `${run.stdout}${run.stderr}`
  }

  test.each(["leaf", "nameless"])("verifies %s under the mesh CA alone", (name) => {
    expect(verify(name, "-CAfile", pathOf("mesh"))).toContain(": OK")
  })

  test.each(["leaf", "nameless"])("verifies %s over the intermediate under the root", (name) => {
    expect(verify(name, "-CAfile", pathOf("root"), "-untrusted", pathOf("intermediate"))).toContain(": OK")
  })

  test.each(["sslclient", "sslserver"])("takes a leaf as %s", (purpose) => {
    expect(verify("leaf", "-CAfile", pathOf("mesh"), "-purpose", purpose)).toContain(": OK")
  })

  test("refuses a leaf without its intermediate", () => {
    expect(verify("leaf", "-CAfile", pathOf("root"))).toContain("unable to get local issuer certificate")
  })

  test.each(["root", "mesh"])("verifies the %s by itself", (name) => {
    expect(verify(name, "-check_ss_sig", "-CAfile", pathOf(name))).toContain(": OK")
  })

  test.each(["attested", "client"])("checks the self-signature of the %s certificate", (name) => {
    const flags = ["verify", "-check_ss_sig", "-attime", at, "-CAfile", pathOf(name), pathOf(name)]

    expect(execFileSync("openssl", flags, { encoding: "utf8" })).toContain(": OK")
  })

  test("prints a leaf as we mean it", () => {
    const text = execFileSync("openssl", ["x509", "-noout", "-text", "-in", pathOf("leaf")], { encoding: "utf8" })

    for (const line of [
      "Version: 3 (0x2)",
      "Signature Algorithm: ecdsa-with-SHA256",
      "Not Before: Nov 22 11:00:00 2026 GMT",
      "Not After : Nov 22 12:00:00 2027 GMT",
      "TLS Web Client Authentication, TLS Web Server Authentication",
      "CA:FALSE",
      "DNS:web, DNS:*, IP Address:10.1.2.3, IP Address:FD00:0:0:0:0:0:0:1, URI:spiffe://cluster.local/ns/default/sa/web",
      "1.3.9901.3.1",
    ]) {
      expect(text).toContain(line)
    }
  })

  test("prints the root as we mean it", () => {
    const text = execFileSync("openssl", ["x509", "-noout", "-text", "-in", pathOf("root")], { encoding: "utf8" })

    for (const line of ["ecdsa-with-SHA384", "ASN1 OID: secp384r1", "CA:TRUE", "Digital Signature, Certificate Sign"]) {
      expect(text).toContain(line)
    }
  })
})
