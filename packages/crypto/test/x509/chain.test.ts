import { createPublicKey } from "node:crypto"
import { describe, expect, test } from "@jest/globals"
import {
  type Authority,
  type Certificate,
  type ChainInputs,
  issueIntermediateCertificate,
  issueMeshCaCertificate,
  issueRootCertificate,
  parseCertificate,
  parseCertificatesPem,
  verifyChain,
  verifySelfSigned,
} from "../../src/index.ts"
import { hoursAfter } from "../../src/x509/time.ts"
import { codeOf, messageOf } from "../support/code-of.ts"
import { intermediate, leaf, meshCa, now, options, root } from "../support/deployment.ts"
import { constraints, issue } from "../support/draft.ts"
import { keyPair } from "../support/keys.ts"
import { describeOutside, readOutsideJson, readOutsideText } from "../support/vectors.ts"

/** The code of the refusal, if any. */
function judgeChain(inputs: Omit<ChainInputs, "now"> & Partial<ChainInputs>): unknown {
  return codeOf(() => {
    verifyChain({ now, ...inputs })
  })
}

describe("verifyChain", () => {
  const roots = [root.certificate]

  test("climbs over an intermediate or stands on the mesh CA alone", () => {
    expect(judgeChain({ leaf, intermediates: [intermediate], roots })).toBe(undefined)
    expect(judgeChain({ leaf, intermediates: [], roots: [meshCa.certificate] })).toBe(undefined)
  })

  test("stands on a root that was issued again for the same key", () => {
    const again = issueRootCertificate({ key: root.key, ...options() })

    expect(judgeChain({ leaf, intermediates: [intermediate], roots: [again] })).toBe(undefined)
  })

  test("passes over intermediates of the right name that lead nowhere", () => {
    const dead = issueMeshCaCertificate({ key: keyPair("p256").privateKey, ...options() })

    expect(judgeChain({ leaf, intermediates: [dead, intermediate], roots: [dead, ...roots] })).toBe(undefined)
  })

  test.each<[string, readonly Certificate[], readonly Certificate[], string]>([
    ["no roots", [intermediate], [], "CERTIFICATE_ISSUER"],
    ["no intermediate", [], roots, "CERTIFICATE_ISSUER"],
    ["only a self-signed intermediate", [meshCa.certificate], roots, "CERTIFICATE_ISSUER"],
    [
      "another root of the same name",
      [intermediate],
      [issueRootCertificate({ key: keyPair("p384").privateKey, ...options() })],
      "CERTIFICATE_SIGNATURE",
    ],
    ["the root among the untrusted only", [intermediate, root.certificate], [], "CERTIFICATE_ISSUER"],
    ["the leaf as its own root", [], [leaf], "CERTIFICATE_ISSUER"],
  ])("refuses to climb with %s", (_name, intermediates, trusted, code) => {
    expect(judgeChain({ leaf, intermediates, roots: trusted })).toBe(code)
  })

  test("gives the first refusal when several candidates fail", () => {
    const expired = issue({ extensions: [constraints()], notAfter: hoursAfter(now, -0.5) })
    const foreign = issue({
      extensions: [constraints()],
      subjectKey: keyPair("p384").publicKey,
      signingKey: keyPair("p384").privateKey,
    })
    const child = issue({ subject: "leaf", issuer: "ca" })

    expect(judgeChain({ leaf: child, intermediates: [foreign], roots: [expired] })).toBe("CERTIFICATE_EXPIRED")
    expect(judgeChain({ leaf: child, intermediates: [expired], roots: [foreign] })).toBe("CERTIFICATE_SIGNATURE")
  })

  test("refuses more than four intermediates before any work", () => {
    const five = [intermediate, intermediate, intermediate, intermediate, intermediate]

    expect(judgeChain({ leaf, intermediates: five.slice(1), roots })).toBe(undefined)
    expect(judgeChain({ leaf, intermediates: five, roots })).toBe("CERTIFICATE_ISSUER")
    expect(
      messageOf(() => {
        verifyChain({ leaf, intermediates: five, roots, now })
      }),
    ).toContain("at most 4")
  })

  test("ends on authorities that vouch for each other", () => {
    const [a, b] = [
      issue({ subject: "a", issuer: "b", extensions: [constraints()] }),
      issue({ subject: "b", issuer: "a", extensions: [constraints()] }),
    ]
    const child = issue({ subject: "leaf", issuer: "a" })

    expect(judgeChain({ leaf: child, intermediates: [a, b], roots })).toBe("CERTIFICATE_ISSUER")
  })

  test("climbs over two intermediates, in any order", () => {
    const trusted = issue({ subject: "root", extensions: [constraints()] })
    const upper = issue({ subject: "upper", issuer: "root", extensions: [constraints()] })
    const lower = issue({ subject: "lower", issuer: "upper", extensions: [constraints()] })
    const child = issue({ subject: "leaf", issuer: "lower" })

    expect(judgeChain({ leaf: child, intermediates: [lower, upper], roots: [trusted] })).toBe(undefined)
    expect(judgeChain({ leaf: child, intermediates: [upper, lower], roots: [trusted] })).toBe(undefined)
    expect(judgeChain({ leaf: child, intermediates: [lower], roots: [trusted] })).toBe("CERTIFICATE_ISSUER")
  })

  test.each([
    [0, "CERTIFICATE_AUTHORITY"],
    [1, undefined],
    [2, undefined],
  ])("keeps a root's path length of %d over one intermediate", (limit, code) => {
    const trusted = issue({ subject: "root", extensions: [constraints(limit)] })
    const middle = issue({ subject: "ca", issuer: "root", extensions: [constraints(0)] })
    const child = issue({ subject: "leaf", issuer: "ca" })

    expect(judgeChain({ leaf: child, intermediates: [middle], roots: [trusted] })).toBe(code)
  })
})

function judgeAlone(certificate: Certificate, at: Date): unknown {
  return codeOf(() => {
    verifySelfSigned(certificate, at)
  })
}

describeOutside("certificates of the established implementation", () => {
  const read = (path: string): readonly [Certificate, ...Certificate[]] => parseCertificatesPem(readOutsideText(path))
  const generatedAt = new Date("2026-11-22T19:48:00Z")

  test.each(["set-1", "set-2", "set-3", "after-recover"])("of %s stand by themselves", (folder) => {
    const [rootCa] = read(`peer/history/${folder}/coordinator-root-ca.pem`)
    const [mesh] = read(`peer/history/${folder}/mesh-ca.pem`)

    expect(judgeAlone(rootCa, generatedAt)).toBe(undefined)
    expect(judgeAlone(mesh, generatedAt)).toBe(undefined)
    expect(rootCa.publicKey.equals(createPublicKey(root.key))).toBe(true)
  })

  test("verify under the mesh CA, and over the intermediate under every root of the same key", () => {
    const [workload, ...intermediates] = read("peer/mesh/certChain.pem")
    const [mesh] = read("peer/mesh/mesh-ca.pem")
    const roots = ["mesh", "history/set-1", "history/after-recover"].map(
      (folder) => read(`peer/${folder}/coordinator-root-ca.pem`)[0],
    )

    expect(judgeChain({ leaf: workload, intermediates: [], roots: [mesh], now: generatedAt })).toBe(undefined)
    for (const trusted of [...roots, root.certificate]) {
      expect(judgeChain({ leaf: workload, intermediates, roots: [trusted], now: generatedAt })).toBe(undefined)
    }
    expect(
      judgeChain({
        leaf: workload,
        intermediates: [],
        roots: read("peer/history/set-1/mesh-ca.pem"),
        now: generatedAt,
      }),
    ).toBe("CERTIFICATE_SIGNATURE")
  })

  test("mixed with ours: a P-256 mesh key under a P-384 root, as its own check found", () => {
    const checks = readOutsideJson("peer/ca-checks.json") as Readonly<Record<string, unknown>>
    const [, verdict] = Object.entries(checks).find(([name]) => name.startsWith("mesh key P-256")) ?? []
    const vouched: Authority = { key: root.key, certificate: read("peer/history/set-1/coordinator-root-ca.pem")[0] }
    const ours = issueIntermediateCertificate({
      root: vouched,
      meshPublicKey: meshCa.certificate.publicKey,
      ...options(),
    })

    expect(verdict).toEqual([true, true, "ECDSA-SHA256"])
    expect(judgeChain({ leaf, intermediates: [ours], roots: [vouched.certificate], now: generatedAt })).toBe(undefined)
  })

  test("made for an attested connection stand by themselves, in their hours", () => {
    const { serverCertificateDerHex } = readOutsideJson("peer/atls.json") as {
      readonly serverCertificateDerHex: string
    }
    const certificate = parseCertificate(new Uint8Array(Buffer.from(serverCertificateDerHex, "hex")))

    expect(judgeAlone(certificate, generatedAt)).toBe(undefined)
    expect(judgeAlone(certificate, hoursAfter(generatedAt, 3))).toBe("CERTIFICATE_EXPIRED")
  })
})
