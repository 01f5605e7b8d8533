import { equalBytes, parseCertificate } from "@contrast/crypto"
import { describe, expect, test } from "@jest/globals"
import { parseRevocationList } from "../../src/crl.ts"
import { isIntelAlgorithm, verifyDerSignature, verifyRawSignature } from "../../src/tdx/intel-signature.ts"
import type { JsonObject } from "../../src/tdx/json-object.ts"
import { parsePemChain } from "../../src/tdx/pem-chain.ts"
import { parseQeIdentity } from "../../src/tdx/qe-identity.ts"
import { intelRoot } from "../../src/tdx/root.ts"
import { parseSignedJson } from "../../src/tdx/signed-json.ts"
import { parseTcbInfo } from "../../src/tdx/tcb-info.ts"
import { found, readBytes, readChain, readCollateralCases, type CollateralCase } from "./vectors.ts"
import type { ListCase, StatementCase } from "./vectors.ts"

const suite = found ? describe : describe.skip

/** A case as we read it, in the words of the oracle. */
function describeCase(entry: CollateralCase): CollateralCase["expect"] {
  switch (entry.kind) {
    case "crl":
      return describeList(entry)
    case "tcbInfo":
      return describeStatement(entry, parseTcbInfo)
    case "enclaveIdentity":
      return describeStatement(entry, parseQeIdentity)
    case "tcbEvaluationDataNumbers":
      return describeStatement(entry, parseNumbers)
  }
}

/** Intel's list of evaluation numbers, which no verifier needs; what it has in common with the others. */
function parseNumbers(content: JsonObject) {
  const [issueDate, nextUpdate] = [content.date("issueDate"), content.date("nextUpdate")]
  return { id: content.text("id"), issueDate, nextUpdate, evaluationNumber: null }
}

function describeStatement(
  { file, kind, signer }: StatementCase,
  parse: (content: JsonObject) => {
    readonly id: string
    readonly issueDate: Date
    readonly nextUpdate: Date
    readonly evaluationNumber: number | null
  },
): StatementCase["expect"] {
  try {
    const { content, signedBytes, signature } = parseSignedJson(readBytes(file), kind)
    const { id, issueDate, nextUpdate, evaluationNumber: evaluation } = parse(content)
    const [certificate] = parsePemChain(readChain(signer), 2)
    const isSigned = certificate !== undefined && verifyRawSignature(certificate.publicKey, signedBytes, signature)
    return { form: true, signature: isSigned, id, from: toSeconds(issueDate), to: toSeconds(nextUpdate), evaluation }
  } catch (error) {
    if (error instanceof RangeError) return UNREADABLE
    throw error
  }
}

const UNREADABLE = { form: false, signature: false, id: null, from: null, to: null, evaluation: null }

function toSeconds(date: Date): string {
  return date.toISOString().replace(".000Z", "Z")
}

function describeList({ file, issuer: issuerFile }: ListCase): ListCase["expect"] {
  const issuer = issuerFile === undefined ? intelRoot() : parseCertificate(readBytes(issuerFile))
  const list = parseRevocationList(readBytes(file))
  return {
    signature:
      isIntelAlgorithm(list.signatureAlgorithm) &&
      verifyDerSignature(issuer.publicKey, list.signedBytes, list.signature),
    issuer: equalBytes(list.issuer, issuer.subject) ? (issuer.subjectCommonName ?? "no name") : "another",
    from: list.thisUpdate.toISOString(),
    to: list.nextUpdate.toISOString(),
    revoked: list.revoked.size,
  }
}

suite(`what Intel published${found ? "" : " (skipped: outside vectors not found)"}`, () => {
  test.each(readCollateralCases().map((entry) => [entry.file, entry] as const))(
    "%s is read as the oracle says",
    (_file, entry) => {
      expect(describeCase(entry)).toEqual(entry.expect)
    },
  )
})
