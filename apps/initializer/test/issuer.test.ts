import { EVIDENCE_OIDS } from "@contrast/attestation"
import { TsmKernel } from "@contrast/test-authority"
import { expect, test } from "@jest/globals"
import { createIssuer } from "../src/issuer.ts"

const directory = "/config/tsm/report"
const HOST_DATA = "07".repeat(32)

function kernel(provider: string): TsmKernel {
  return new TsmKernel({ directory, provider, answer: () => ({ outblob: new Uint8Array(0) }) })
}

test.each([
  ["sev_guest", EVIDENCE_OIDS.snp],
  ["tdx_guest", EVIDENCE_OIDS.tdx],
])("attests on the platform of %s", async (provider, oid) => {
  expect((await createIssuer(undefined, { directory, files: kernel(provider) })).oid).toBe(oid)
})

test("named host data wins over the hardware", async () => {
  const issuer = await createIssuer(HOST_DATA, { directory, files: kernel("sev_guest") })

  expect(issuer.oid).toBe(EVIDENCE_OIDS.insecure)
})

test("without hardware and without host data it says what it looked at", async () => {
  await expect(createIssuer(undefined, { directory: "/nowhere/tsm/report" })).rejects.toMatchObject({
    code: "PLATFORM",
    message: expect.stringMatching(/^found neither SEV-SNP nor TDX; looked at \/nowhere: not found; and no host data/),
  })
})
