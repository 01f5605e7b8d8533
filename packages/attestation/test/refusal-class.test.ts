import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "@jest/globals"
import { refusalClassOf, type AttestationErrorCode } from "../src/index.ts"
import { SNP_CODES } from "../src/snp/codes.ts"
import { TDX_CODES } from "../src/tdx/codes.ts"

const DOCUMENTATION = join(import.meta.dirname, "../../../docs/attestation.md")
const CODES: readonly AttestationErrorCode[] = [
  ...new Set<AttestationErrorCode>([...SNP_CODES, ...TDX_CODES, "EVIDENCE_ABSENT", "EVIDENCE_FORM", "EVIDENCE_TYPE"]),
]

/** The rows of the table of refusals: their codes and what they say is to be done. */
function readRows(): readonly { readonly codes: readonly string[]; readonly todo: string }[] {
  const rows = readFileSync(DOCUMENTATION, "utf8").matchAll(/^\| (`[A-Z].*`) +\| (fix|wait|stop) +\|/gm)
  return [...rows].map(([, codes = "", todo = ""]) => ({ codes: expand(codes), todo }))
}

/** `SNP_VEK_FORM`, `_ISSUER` stands for SNP_VEK_FORM and SNP_VEK_ISSUER, and `PCK_…` for all that begin so. */
function expand(text: string): readonly string[] {
  let family = ""
  return [...text.matchAll(/`([A-Z_]+)(…?)`/g)].flatMap(([, name = "", rest]) => {
    if (rest !== "") return CODES.filter((code) => code.startsWith(name))
    if (!name.startsWith("_")) family = name.slice(0, name.lastIndexOf("_"))
    return name.startsWith("_") ? [family + name] : [name]
  })
}

test("the documentation says of every code, once, what is to be done about it", () => {
  const told = readRows().flatMap(({ codes, todo }) => codes.map((code) => `${code} ${todo}`))

  expect(told.toSorted()).toEqual(CODES.map((code) => `${code} ${refusalClassOf(code)}`).sort())
})
