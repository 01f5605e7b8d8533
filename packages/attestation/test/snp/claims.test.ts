import {
  contentOf,
  encodeHex,
  generateP256Key,
  issueLeafCertificate,
  issueMeshCaCertificate,
  parseCertificate,
  parseDer,
  Tag,
  type CertificateExtension,
} from "@contrast/crypto"
import { issueAmdCrl, issueAmdLeaf } from "@contrast/test-authority"
import { describe, expect, test } from "@jest/globals"
import { snpClaims } from "../../src/snp/claims.ts"
import { encodeSnpDocument } from "../../src/snp/document-encoding.ts"
import { parseReport } from "../../src/snp/report.ts"
import { createSnpValidator } from "../../src/snp/validator.ts"
import { NO_COLLATERAL } from "../../src/collateral.ts"
import { HOST_DATA, MEASUREMENT, NOW, PATH, POLICY, REPORT_DATA, roots, signReport, valuesOf } from "./played.ts"

const PREFIX = "1.3.9901.2.1."

async function claimsOf(line: "Milan" | "Turin"): Promise<readonly CertificateExtension[]> {
  const document = encodeSnpDocument({
    report: signReport({ line }),
    vcek: issueAmdLeaf({ line }),
    crl: issueAmdCrl({ line }),
  })
  const validator = createSnpValidator([{ path: PATH, values: valuesOf(line) }], POLICY, {
    collateral: NO_COLLATERAL,
    roots,
  })
  return (await validator.validate(document, { reportData: REPORT_DATA, now: NOW })).claims()
}

/** What an extension says: a number in decimal, a flag, or bytes in hex. */
function read(claims: readonly CertificateExtension[], arc: number): string {
  const claim = claims.find(({ oid }) => oid === `${PREFIX}${arc}`)
  if (claim === undefined) return "absent"
  const element = parseDer(claim.value)
  const [tag = 0] = claim.value
  const hex = encodeHex(contentOf(element, tag))
  if (tag === Tag.integer) return BigInt(`0x${hex}`).toString()
  return tag === Tag.boolean ? String(hex === "ff") : hex
}

/** By arc; the ID key digest (24) has tests of its own. */
const EXPECTED: Readonly<Record<number, string>> = {
  ...{ 1: "3", 2: "2", 3: "0", 4: "0", 5: "false", 6: "false", 7: "true", 8: "false" },
  ...{ 9: "00".repeat(16), 10: "00".repeat(16), 11: "0" },
  ...{ 12: "3", 13: "8", 14: "0", 15: "115", 16: "true", 17: "false", 18: "false", 19: "false", 20: "0" },
  ...{ 21: encodeHex(REPORT_DATA), 22: encodeHex(MEASUREMENT), 23: encodeHex(HOST_DATA) },
  ...{ 25: "00".repeat(48), 26: "00".repeat(32), 27: "ff".repeat(32) },
  ...{ 28: "3", 29: "8", 30: "0", 31: "115", 32: "c1".repeat(64), 33: "3", 34: "8", 35: "0", 36: "115" },
  ...{ 37: "4", 38: "52", 39: "1", 40: "4", 41: "52", 42: "1", 43: "3", 44: "8", 45: "0", 46: "115" },
}

test("claims say each flag that is set", () => {
  const flags = 0x30000n | (1n << 18n) | (1n << 19n) | (1n << 20n)
  const report = parseReport(
    signReport({
      policy: flags,
      change: (view) => {
        view.setBigUint64(0x040, 0b11n, true)
      },
    }),
  )
  const claims = snpClaims(report, "Milan")

  expect([5, 6, 7, 8, 16, 17].map((arc) => read(claims, arc))).toEqual(Array(6).fill("true"))
})

describe("claims of a report", () => {
  test.each(Object.entries(EXPECTED))("arc %s says %s", async (arc, expected) => {
    expect(read(await claimsOf("Milan"), Number(arc))).toBe(expected)
  })

  test("are one for each arc from 1 to 46, and none is critical", async () => {
    const claims = await claimsOf("Milan")

    expect(claims.map(({ oid }) => oid)).toEqual(Array.from({ length: 46 }, (_, index) => `${PREFIX}${index + 1}`))
    expect(claims.some(({ critical }) => critical)).toBe(false)
  })

  test("on Turin are read in Turin's layout", async () => {
    const claims = await claimsOf("Turin")

    expect([12, 13, 14, 15].map((arc) => read(claims, arc))).toEqual(["3", "8", "0", "115"])
  })

  test("arrive in a certificate of the mesh", async () => {
    const claims = await claimsOf("Milan")
    const key = generateP256Key()
    const issuance = { now: NOW, serial: new Uint8Array(16).fill(1) }
    const leaf = issueLeafCertificate({
      ...issuance,
      meshCa: { key, certificate: issueMeshCaCertificate({ key, ...issuance }) },
      publicKey: generateP256Key(),
      names: { dns: ["web"], ips: [], uris: [] },
      extensions: claims,
    })

    const found = parseCertificate(leaf.der).extensions.filter(({ oid }) => oid.startsWith(PREFIX))
    expect(found).toEqual(claims)
  })
})
