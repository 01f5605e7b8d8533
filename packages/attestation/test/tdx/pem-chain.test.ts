import { intelAuthorities, intelChain, intelPlatform, issueIntelPck } from "@contrast/test-authority"
import { expect, test } from "@jest/globals"
import { authorityNamed } from "../../src/tdx/pck-chain.ts"
import { parsePemChain } from "../../src/tdx/pem-chain.ts"
import { findTcbSigner } from "../../src/tdx/tcb-signer.ts"
import { NOW } from "./test-intel.ts"

const { root, platformCa, tcbSigner } = intelAuthorities()
const chain = intelChain(intelPlatform(), platformCa)
const MAX_CHAIN_BYTES = 32 * 1024

/** A chain whose first certificate has a filler of so many bytes. */
const chainWith = (filler: number): Uint8Array => {
  const extension = { oid: "1.2.3", critical: false, value: new Uint8Array(filler) }
  return intelChain(issueIntelPck({ extensions: [extension] }), platformCa)
}
/** Line ends behind the last certificate say nothing. */
const padded = (size: number): Uint8Array => Buffer.alloc(size, "\n").fill(chain, 0, chain.length)

test("reads as many certificates as there have to be", () => {
  expect(parsePemChain(chain, 2).map(({ der }) => der)).toEqual([
    intelPlatform().certificate.der,
    platformCa.certificate.der,
  ])
  expect(() => parsePemChain(chain, 1)).toThrow(RangeError)
  expect(() => parsePemChain(chain, 3)).toThrow(RangeError)
})

test("has a bound for the chain, and for each certificate", () => {
  expect(parsePemChain(padded(MAX_CHAIN_BYTES), 2)).toHaveLength(2)
  expect(() => parsePemChain(padded(MAX_CHAIN_BYTES + 1), 2)).toThrow("nothing else")
  expect(parsePemChain(chainWith(7000), 2)).toHaveLength(2)
  expect(() => parsePemChain(chainWith(8 * 1024), 2)).toThrow("at most 8192 bytes")
})

test("authorities of platforms are known by their names, and who signs statements by its chain", () => {
  const context = { root: root.certificate, rootCrl: undefined, now: NOW }

  expect(
    ["Intel SGX PCK Platform CA", "Intel SGX PCK Processor CA", "Intel SGX Root CA", undefined].map(authorityNamed),
  ).toEqual(["platform", "processor", undefined, undefined])
  expect(findTcbSigner(intelChain(tcbSigner, root), context)).toEqual(tcbSigner.certificate)
  expect(findTcbSigner(intelChain(tcbSigner), context)).toBeUndefined()
  expect(findTcbSigner(intelChain(platformCa, root), context)).toBeUndefined()
})
