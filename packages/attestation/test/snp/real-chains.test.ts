import { contentOf, parseCertificate, parseCertificatesPem, parseDer, Tag, type Certificate } from "@contrast/crypto"
import { describe, expect, test } from "@jest/globals"
import { verifyAmdSignature } from "../../src/snp/amd-signature.ts"
import { PRODUCT_LINES } from "../../src/snp/product-line.ts"
import { amdRoots } from "../../src/snp/roots.ts"
import { parseVekExtensions } from "../../src/snp/vek.ts"
import { found, readBytes, readChainCases, type ChainCase, type Place } from "./vectors.ts"

const suite = found ? describe : describe.skip

function isSignedBy({ signedBytes, signature }: Certificate, { publicKey }: Certificate): boolean {
  return verifyAmdSignature(publicKey, signedBytes, signature)
}

function named(certificates: readonly Certificate[], commonName: string): Certificate {
  const certificate = certificates.find(({ subjectCommonName }) => subjectCommonName === commonName)
  if (certificate === undefined) throw new Error(`expected ${commonName}`)
  return certificate
}

/** What the oracle says of a leaf, as it spells it. */
function describeLeaf(place: Place, ca: Certificate): Pick<ChainCase["expect"], "leaf" | "extensions"> {
  const leaf = parseCertificate(readBytes(place))
  const { productName: product, hardwareId, tcb } = parseVekExtensions(leaf) ?? {}
  const structVersion = leaf.extensions.find(({ oid }) => oid === "1.3.6.1.4.1.3704.1.1")?.value ?? new Uint8Array(0)
  const [struct] = contentOf(parseDer(structVersion), Tag.integer)
  const extensions = { struct, product, tcb, ...(hardwareId && { hwid_bytes: hardwareId.length }) }
  return { leaf: isSignedBy(leaf, ca), extensions }
}

suite(`AMD's authorities${found ? "" : " (skipped: outside vectors not found)"}`, () => {
  test.each(readChainCases().map((entry) => [entry.file, entry] as const))("%s", (file, entry) => {
    const certificates = parseCertificatesPem(readBytes(file))
    const [ark, ca] = [named(certificates, entry.ark), named(certificates, entry.ca)]
    const line = PRODUCT_LINES.find((candidate) => entry.ark === `ARK-${candidate}`)
    const ours = line && amdRoots()[line]

    expect({
      ark: isSignedBy(ark, ark),
      ca: isSignedBy(ca, ark),
      ...(entry.leaf ? describeLeaf(entry.leaf, ca) : { leaf: null, extensions: null }),
    }).toEqual(entry.expect)
    expect(ours?.ark.der).toEqual(ark.der)
    expect(ours?.issuers[entry.ca.includes("VLEK") ? "VLEK" : "VCEK"].der).toEqual(ca.der)
  })
})
