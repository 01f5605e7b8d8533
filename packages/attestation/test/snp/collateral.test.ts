import { amdAuthorities, amdSigningKey, createStranger, issueAmdCrl, issueAmdLeaf } from "@contrast/test-authority"
import { expect, test } from "@jest/globals"
import {
  NO_COLLATERAL,
  type AmdCollateral,
  type AmdQuery,
  type CollateralSource,
  type Freshness,
} from "../../src/collateral.ts"
import { AttestationError } from "../../src/error.ts"
import type { Attested } from "../../src/evidence.ts"
import { encodeSnpDocument, type SnpDocumentParts } from "../../src/snp/document-encoding.ts"
import { createSnpValidator } from "../../src/snp/validator.ts"
import type { ProductLine } from "../../src/snp/product-line.ts"
import { NOW, PATH, POLICY, REPORT_DATA, roots, signReport, valuesOf } from "./played.ts"

type Answers = Readonly<Partial<Record<Freshness, Partial<AmdCollateral>>>>

/** A source with given answers, which notes what it was asked. */
class Source implements CollateralSource {
  readonly asked: { readonly query: AmdQuery; readonly freshness: Freshness }[] = []
  readonly intel = NO_COLLATERAL.intel.bind(NO_COLLATERAL)
  readonly #answers: Answers
  readonly #ofLines: Partial<Record<ProductLine, Partial<AmdCollateral>>>

  constructor(answers: Answers, ofLines: Partial<Record<ProductLine, Partial<AmdCollateral>>> = {}) {
    this.#answers = answers
    this.#ofLines = ofLines
  }

  amd(query: AmdQuery, freshness: Freshness): Promise<AmdCollateral> {
    this.asked.push({ query, freshness })
    const answer = this.#ofLines[query.line] ?? this.#answers[freshness]
    return Promise.resolve({ leaf: undefined, crl: undefined, problems: [], ...answer })
  }

  get freshnesses(): readonly Freshness[] {
    return this.asked.map(({ freshness }) => freshness)
  }
}

function validate(
  collateral: CollateralSource,
  parts: Partial<SnpDocumentParts> = {},
  lines: readonly ProductLine[] = ["Milan"],
): Promise<Attested> {
  const document = encodeSnpDocument({ report: signReport(), ...parts })
  const entries = lines.map((line) => ({ path: PATH, values: valuesOf(line) }))
  return createSnpValidator(entries, POLICY, { collateral, roots }).validate(document, {
    reportData: REPORT_DATA,
    now: NOW,
  })
}

/** What fails, with what was found. */
async function failuresOf(validating: Promise<Attested>): Promise<Readonly<Record<string, string>>> {
  try {
    await validating
    return {}
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error
    const failed = error.verdicts[0]?.checks.filter(({ outcome }) => outcome === "fail") ?? []
    return Object.fromEntries(failed.map(({ id, actual }) => [id, actual]))
  }
}

const vcek = issueAmdLeaf()
const crl = issueAmdCrl()
const days = (count: number): Date => new Date(NOW.getTime() + count * 24 * 60 * 60 * 1000)
const { ask } = amdAuthorities("Milan")
const revoking = issueAmdCrl({ thisUpdate: days(-1), revoked: [ask.certificate.serialNumber] })

test("complete evidence needs nothing but what is at hand", async () => {
  const source = new Source({})

  expect(await failuresOf(validate(source, { vcek, crl }))).toEqual({})
  expect(source.freshnesses).toEqual(["held"])
})

test.each([
  ["leaf", { crl }, { leaf: true, crl: false }],
  ["revocation list", { vcek }, { leaf: false, crl: true }],
] as const)("AMD is asked for nothing but the %s if that alone is lacking", async (_name, parts, wanted) => {
  const source = new Source({ cached: { leaf: vcek, crl } })

  expect(await failuresOf(validate(source, parts))).toEqual({})
  expect(source.asked).toMatchObject([{ freshness: "cached", query: { wanted } }])
})

test("what evidence lacks is found, by line, kind, chip and TCB version", async () => {
  const source = new Source({ cached: { leaf: vcek, crl } })

  expect(await failuresOf(validate(source))).toEqual({})
  expect(source.asked).toMatchObject([
    {
      freshness: "cached",
      query: {
        ...{ line: "Milan", kind: "VCEK", chipId: new Uint8Array(64).fill(0xc1) },
        reportedTcb: { bootloader: 3, tee: 0, snp: 8, microcode: 115 },
      },
    },
  ])
})

test("for a report of version 2, which names no line, the line of the manifest is asked for", async () => {
  const source = new Source({ cached: { leaf: vcek, crl } })

  const report = signReport({ version: 2 })

  expect(await failuresOf(validate(source, { report }, ["Milan", "Genoa"]))).toEqual({})
  expect(source.asked).toMatchObject([{ query: { line: "Milan" } }])
})

test.each<[string, (view: DataView) => void]>([
  [
    "of an unknown line",
    (view) => {
      view.setUint8(0x188, 0x20)
    },
  ],
  [
    "that nobody signed",
    (view) => {
      view.setUint8(0x48, 7 << 2)
    },
  ],
])("AMD is asked nothing for a report %s", async (_title, change) => {
  const source = new Source({ cached: { leaf: vcek, crl } })

  await expect(validate(source, { report: signReport({ change }) }, ["Milan", "Genoa"])).rejects.toThrow(
    AttestationError,
  )
  expect(source.asked).toEqual([])
})

test("for a report of version 2, all lines of the manifest are asked for until one has the chip", async () => {
  const genoa = { leaf: issueAmdLeaf({ line: "Genoa" }), crl: issueAmdCrl({ line: "Genoa" }) }
  const source = new Source({ cached: { problems: ["no such chip"] } }, { Genoa: genoa })
  const report = signReport({ version: 2, line: "Genoa" })

  expect(await failuresOf(validate(source, { report }, ["Milan", "Genoa", "Turin"]))).toEqual({})
  expect(source.asked.map(({ query }) => query.line)).toEqual(["Milan", "Genoa"])
})

test("for a report of version 2 whose chip no line has, the reasons of all lines are told", async () => {
  const source = new Source({ cached: { problems: ["no such chip"] } })
  const failures = await failuresOf(validate(source, { report: signReport({ version: 2 }) }, ["Milan", "Genoa"]))

  expect(failures).toMatchObject({ SNP_VEK_MISSING: "absent; no such chip; no such chip" })
})

test("what has run out is asked for again, once", async () => {
  const expired = issueAmdCrl({ nextUpdate: days(-1) })
  const source = new Source({
    cached: { leaf: vcek, crl: expired },
    refresh: { leaf: vcek, crl: issueAmdCrl({ thisUpdate: days(-1) }) },
  })

  expect(await failuresOf(validate(source))).toEqual({})
  expect(source.freshnesses).toEqual(["cached", "refresh"])
})

test("a leaf of another TCB version is replaced by the right one", async () => {
  const other = issueAmdLeaf({ tcb: { microcode: 200 }, key: amdSigningKey("VLEK") })
  const source = new Source({ refresh: { leaf: vcek } })

  expect(await failuresOf(validate(source, { vcek: other, crl }))).toEqual({})
  expect(source.freshnesses).toEqual(["held", "refresh"])
})

test.each([
  ["of another name", issueAmdLeaf({ commonName: "SEV-VLEK" })],
  ["without extensions", issueAmdLeaf({ changeExtensions: () => [] })],
  ["with a forged signature", issueAmdLeaf({ issuer: createStranger("SEV-Milan") })],
  ["of another line", issueAmdLeaf({ line: "Genoa" })],
  ["with a key that did not sign", issueAmdLeaf({ tcb: { microcode: 200 }, key: amdSigningKey("VLEK") })],
])("a leaf %s is asked for again if it was found", async (_title, bad) => {
  const source = new Source({ cached: { leaf: bad, crl }, refresh: { leaf: vcek } })

  expect(await failuresOf(validate(source))).toEqual({})
  expect(source.asked).toMatchObject([{}, { freshness: "refresh", query: { wanted: { leaf: true, crl: false } } }])
})

test("what was found and is good stays when the rest is asked for again", async () => {
  const source = new Source({ cached: { leaf: vcek }, refresh: { crl } })

  expect(await failuresOf(validate(source))).toEqual({})
  expect(source.asked.at(-1)).toMatchObject({ freshness: "refresh", query: { wanted: { leaf: false, crl: true } } })
})

test("nobody is asked for a leaf in place of a forged one that the guest brought", async () => {
  const source = new Source({ refresh: { leaf: vcek } })
  const forged = issueAmdLeaf({ issuer: createStranger("SEV-Milan") })

  expect(Object.keys(await failuresOf(validate(source, { vcek: forged, crl })))).toEqual(["SNP_VEK_SIGNATURE"])
  expect(source.freshnesses).toEqual(["held"])
})

test("what stays refused after asking again is refused, with the reasons of the source", async () => {
  const problem = "kds.example did not answer"
  const source = new Source({ cached: { problems: [problem] }, refresh: { problems: [problem] } })

  expect(await failuresOf(validate(source))).toEqual({ SNP_VEK_MISSING: `absent; ${problem}` })
  expect(await failuresOf(validate(source, { vcek }))).toEqual({ SNP_CRL_MISSING: `absent; ${problem}` })
  expect(source.freshnesses).toEqual(["cached", "refresh", "cached", "refresh"])
})

test("a leaf found that is no certificate is told", async () => {
  const source = new Source({ cached: { leaf: Uint8Array.of(1), crl }, refresh: { leaf: Uint8Array.of(1), crl } })

  expect(await failuresOf(validate(source))).toEqual({ SNP_VEK_MISSING: "absent; the leaf found is no certificate" })
})

test("nobody is asked again for evidence that no collateral can save", async () => {
  const source = new Source({ cached: { leaf: vcek } })
  const report = signReport({ reportData: new Uint8Array(64) })

  await expect(validate(source, { report })).rejects.toMatchObject({ code: "SNP_CRL_MISSING" })
  expect(source.freshnesses).toEqual(["cached"])
})

test("a list in the evidence does not bring back the time before a revocation", async () => {
  const source = new Source({ held: { crl: revoking } })

  expect(Object.keys(await failuresOf(validate(source, { vcek, crl })))).toEqual(["SNP_CA_REVOKED"])
})

test("a list at hand does not hide a newer one in the evidence", async () => {
  const source = new Source({ held: { crl } })

  expect(Object.keys(await failuresOf(validate(source, { vcek, crl: revoking })))).toEqual(["SNP_CA_REVOKED"])
})

test("an unreadable list at hand counts less than one in the evidence", async () => {
  const source = new Source({ held: { crl: Uint8Array.of(0x30, 0) } })

  expect(await failuresOf(validate(source, { vcek, crl }))).toEqual({})
})

test("the message of a refusal, which goes to peers, names no chip; the verdict, for the owner, does", async () => {
  const other = issueAmdLeaf({ hardwareId: new Uint8Array(64).fill(1) })

  await expect(validate(NO_COLLATERAL, { vcek: other, crl })).rejects.toMatchObject({
    message: "SNP_VEK_CHIP_ID: leaf.hwId is another than expected",
  })
  expect(await failuresOf(validate(NO_COLLATERAL, { vcek: other, crl }))).toEqual({ SNP_VEK_CHIP_ID: "01".repeat(64) })
})
