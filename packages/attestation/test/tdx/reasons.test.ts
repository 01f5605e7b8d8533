import { readFile } from "node:fs/promises"
import path from "node:path"
import {
  intelAuthorities,
  intelChain,
  intelPlatform,
  issueIntelPck,
  issueQeIdentity,
  issueTcbInfo,
} from "@contrast/test-authority"
import { expect, test } from "@jest/globals"
import { judge, values, type Change } from "./test-intel.ts"

const { root, platformCa } = intelAuthorities()

const body = (offset: number, value: number): Change => ({ quote: { body: (bytes) => void (bytes[offset] = value) } })
const tcbInfo = (content: Record<string, unknown>): Change => ({ collateral: { tcbInfo: issueTcbInfo({ content }) } })
const signers = (issuerChain: Uint8Array): Change => ({ collateral: { tcbInfo: { ...issueTcbInfo(), issuerChain } } })

/** What the evidence lacks. */
const LACKS: Readonly<Record<string, Change>> = {
  "a header": { raw: (quote) => quote.subarray(0, 40) },
  "a known version": { raw: (quote) => quote.with(0, 6) },
  "what the header announces": { raw: (quote) => quote.subarray(0, 600) },
  "a body of a TD": { quote: { version: 5 }, raw: (quote) => quote.with(48, 1) },
  "lengths that fit": { raw: (quote) => quote.subarray(0, 700) },
  "a quoting enclave": { raw: (quote) => quote.with(764, 5) },
  "three certificates": { quote: { chain: intelChain(intelPlatform(), platformCa) } },
  "the platform's extension": { quote: { pck: issueIntelPck({ sgxExtension: new Uint8Array(2) }) } },
  "the root's list": { collateral: { rootCrl: undefined } },
  "a root's list that can be read": { collateral: { rootCrl: Uint8Array.of(0x30, 0) } },
  "the authority's list": { collateral: { pckCrl: undefined } },
  "TCB info": { collateral: { tcbInfo: undefined } },
  "TCB info that can be read": tcbInfo({ version: 2 }),
  "TCB info about TDX": tcbInfo({ id: "SGX" }),
  "the signer of TCB info": signers(new Uint8Array(0)),
  "two certificates of that signer": signers(intelChain(root)),
  "QE identity": { collateral: { qeIdentity: undefined } },
  "QE identity that can be read": { collateral: { qeIdentity: issueQeIdentity({ content: { version: 1 } }) } },
  "a module that Intel knows": body(1, 3),
  "a module of Intel's": body(64, 1),
  "a module without attributes": body(112, 1),
  "a level of the module": body(0, 2),
  "a level of the platform": { quote: { pck: issueIntelPck({ platform: { pceSvn: 10 } }) } },
  "a level of the quoting enclave": { quote: { qeReport: (report) => void (report[258] = 3) } },
  "a reference value": { values: { rtmrs: [undefined, ...values.rtmrs.slice(1)] } },
}

test("what could not be checked names its own reason, and not the first failure of the verdict", async () => {
  const said = Object.entries(LACKS).map(([name, change]) => [`without ${name}`, ...skippedIn(change)].join("\n  "))

  expect(said.join("\n")).toBe((await readFile(path.join(import.meta.dirname, "reasons.txt"), "utf8")).trimEnd())
})

/** What was skipped, by reason, where another check has failed before, as far as the quote is read. */
function skippedIn(change: Change): readonly string[] {
  const trailing = (quote: Uint8Array): Uint8Array => {
    quote[quote.length - 1] = 1
    return quote
  }
  const { checks } = judge({ ...change, quote: { padding: 1, ...change.quote }, raw: change.raw ?? trailing }).verdict
  const first = checks.find(({ outcome }) => outcome === "fail")?.id
  expect(first === "TDX_TRAILING").toBe(change.raw === undefined)
  const skipped = checks.filter(({ outcome }) => outcome === "skipped")
  return [...Map.groupBy(skipped, ({ because }) => because)].map(
    ([because, all]) => `${because ?? ""}: ${all.map(({ id }) => id).join(" ")}`,
  )
}
