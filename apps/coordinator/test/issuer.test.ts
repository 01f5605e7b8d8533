import { once } from "node:events"
import { createServer } from "node:http"
import { expect, test } from "@jest/globals"
import { EVIDENCE_OIDS, validateEvidence, validatorsFor } from "@contrast/attestation"
import { encodeHex } from "@contrast/crypto"
import { parseManifest } from "@contrast/manifest"
import { TsmKernel } from "@contrast/test-authority"
import { createIssuer } from "../src/issuer.ts"
import { manifestOf } from "./support/deployment.ts"

test("waits for whatever serves the host data, and attests to it", async () => {
  const hostData = new Uint8Array(32).fill(7)
  let requests = 0
  const server = createServer((_request, response) => {
    requests += 1
    if (requests === 1) response.writeHead(503).end()
    else response.end(hostData)
  }).listen(0, "127.0.0.1")
  await once(server, "listening")
  const url = `http://127.0.0.1:${(server.address() as { readonly port: number }).port}/hostdata` // a TCP server has a port

  const issuer = await createIssuer({ allowInsecure: true, insecureHostData: url })

  server.close()
  expect([issuer.oid, requests]).toEqual([EVIDENCE_OIDS.insecure, 2])
  const reportData = new Uint8Array(64)
  const evidence = await issuer.issue(reportData)
  const validators = validatorsFor(parseManifest(manifestOf()), {}, "any")
  const attested = await validateEvidence(validators, evidence, { reportData, now: new Date() })
  expect(attested.policyHash).toBe(encodeHex(hostData))
})

test("attests on the platform that the kernel offers", async () => {
  const directory = "/config/tsm/report"
  const files = new TsmKernel({ directory, provider: "tdx_guest", answer: () => ({ outblob: new Uint8Array(0) }) })

  const issuer = await createIssuer({ allowInsecure: false, insecureHostData: "" }, { directory, files })

  expect(issuer.oid).toBe(EVIDENCE_OIDS.tdx)
})

test("says what it looked at where there is no platform", async () => {
  const directory = "/nowhere/tsm/report"

  await expect(createIssuer({ allowInsecure: false, insecureHostData: "" }, { directory })).rejects.toMatchObject({
    code: "PLATFORM",
    message:
      "found neither SEV-SNP nor TDX; looked at /nowhere: not found; for development without such hardware set " +
      "CONTRAST_ALLOW_INSECURE",
  })
})
