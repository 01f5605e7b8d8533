import { afterEach, describe, expect, test } from "@jest/globals"
import { createPrivateKey, createPublicKey, randomBytes } from "node:crypto"
import { createInsecureIssuer } from "@contrast/attestation"
import {
  certificatePem,
  encodeUtf8,
  generateP256Key,
  issueRootCertificate,
  parseCertificatesPem,
} from "@contrast/crypto"
import { ProtocolError } from "@contrast/protocol"
import { enroll, type EnrollOptions } from "../src/enroll.ts"
import type { Fields, Log } from "../src/log.ts"
import { codeOfAsync } from "./support/code-of.ts"
import { type Answer, issueAnswer, type MeshServer, startMeshServer } from "./support/mesh-server.ts"

const HOST_DATA = new Uint8Array(32).fill(7)
const SECRET = new Uint8Array(64).fill(0xab)

let mesh: MeshServer | undefined

afterEach(async () => {
  await mesh?.server.close(0)
  mesh = undefined
})

/** Keeps what was logged. */
class MemoryLog implements Log {
  readonly lines: { readonly event: string; readonly fields: Fields }[] = []
  readonly #logged: () => void

  constructor(logged: () => void = () => undefined) {
    this.#logged = logged
  }

  debug = (event: string, fields: Fields = {}) => {
    this.lines.push({ event, fields })
    this.#logged()
  }
  info = this.debug
  warn = this.debug
  error = this.debug
}

async function options(answer: Answer): Promise<EnrollOptions & { log: MemoryLog }> {
  mesh = await startMeshServer(answer)
  const issuer = () => Promise.resolve(createInsecureIssuer({ hostData: HOST_DATA }))
  return { coordinator: mesh.address, issuer, stop: new AbortController().signal, log: new MemoryLog() }
}

/** As {@link options}, but it is stopped while it waits after the first refusal. */
async function stoppedOptions(answer: Answer): Promise<EnrollOptions & { log: MemoryLog }> {
  const stop = new AbortController()
  const log = new MemoryLog(() =>
    setImmediate(() => {
      stop.abort()
    }),
  )
  return { ...(await options(answer)), stop: stop.signal, log }
}

test("attests with its own host data and returns a key with its certificates", async () => {
  const credentials = await enroll(await options((client) => issueAnswer(client, SECRET)))

  const [leaf] = parseCertificatesPem(credentials.certificateChain)
  expect(mesh?.attested).toStrictEqual(["07".repeat(32)])
  expect(credentials.keyPem).toMatch(/^-----BEGIN PRIVATE KEY-----\n/)
  expect(leaf.publicKey.equals(createPublicKey(createPrivateKey(credentials.keyPem)))).toBe(true)
  expect(Uint8Array.from(credentials.workloadSecret)).toStrictEqual(SECRET)
})

test("tries again after a refusal, with a fresh key, and says why", async () => {
  const keys: string[] = []
  const wanted = await options((client) => {
    keys.push(Buffer.from(client.subjectPublicKeyInfo).toString("hex"))
    if (keys.length === 1) throw new ProtocolError("POLICY_NOT_FOUND", "policy hash not found in manifest")
    return issueAnswer(client, SECRET)
  })

  await enroll(wanted)

  expect(new Set(keys).size).toBe(2)
  expect(wanted.log.lines).toHaveLength(1)
  expect(wanted.log.lines[0]?.fields).toMatchObject({ attempt: 1, code: "POLICY_NOT_FOUND" })
  expect(wanted.log.lines[0]?.fields.reason).toContain("not found in manifest")
})

test.each<[string, Answer]>([
  ["are for another key", (client) => issueAnswer(client, SECRET, { leaf: createPublicKey(generateP256Key()) })],
  [
    "do not chain up",
    (client) => ({ ...issueAnswer(client, SECRET), RootCACert: issueAnswer(client, SECRET).RootCACert }),
  ],
  ["come with half a secret", (client) => issueAnswer(client, SECRET.subarray(0, 31))],
  ["are no certificates", (client) => ({ ...issueAnswer(client, SECRET), CertChain: new Uint8Array(3) })],
])("does not take certificates that %s", async (_name, answer) => {
  const wanted = await stoppedOptions(answer)

  expect(await codeOfAsync(() => enroll(wanted))).toBe("STOPPED")
  expect(wanted.log.lines[0]?.fields.code).toBe("ANSWER")
})

describe("a workload that has files of a deployment", () => {
  const root = generateP256Key()
  const rootCa = (): Uint8Array => {
    const certificate = issueRootCertificate({ key: root, now: new Date(), serial: new Uint8Array(randomBytes(16)) })
    return encodeUtf8(certificatePem(certificate))
  }
  const joined = (...pems: readonly Uint8Array[]): Uint8Array => Buffer.concat(pems)

  test("takes new ones of the same, whose root CA has another certificate", async () => {
    const wanted = await options((client) => issueAnswer(client, SECRET, { root }))

    expect((await enroll({ ...wanted, earlierRootCa: rootCa() })).workloadSecret).toHaveLength(64)
  })

  test.each<[string, string, Answer]>([
    ["another root CA", "OTHER_DEPLOYMENT", (client) => issueAnswer(client, SECRET)],
    [
      "another root CA beside the same",
      "OTHER_DEPLOYMENT",
      (client) => {
        const answer = issueAnswer(client, SECRET)
        return { ...answer, RootCACert: joined(rootCa(), answer.RootCACert) }
      },
    ],
    [
      "another mesh CA beside the same",
      "OTHER_DEPLOYMENT",
      (client) => {
        const answer = issueAnswer(client, SECRET, { root })
        return { ...answer, MeshCACert: joined(answer.MeshCACert, issueAnswer(client, SECRET).MeshCACert) }
      },
    ],
    [
      "a mesh CA that the root CA does not vouch for",
      "ANSWER",
      (client) => {
        const [theirs, ours] = [issueAnswer(client, SECRET), issueAnswer(client, SECRET, { root })]
        const [, intermediate] = Buffer.from(ours.CertChain)
          .toString()
          .split(/(?<=-----END CERTIFICATE-----\n)/)
        return {
          ...theirs,
          CertChain: joined(theirs.CertChain, Buffer.from(intermediate ?? "")),
          RootCACert: joined(rootCa()),
        }
      },
    ],
  ])("takes none with %s: %s", async (_title, code, answer) => {
    const wanted = await stoppedOptions(answer)

    expect(await codeOfAsync(() => enroll({ ...wanted, earlierRootCa: rootCa() }))).toBe("STOPPED")
    expect(wanted.log.lines[0]?.fields.code).toBe(code)
  })
})

test("stops at once while it waits for a Coordinator that does not answer", async () => {
  const wanted = { ...(await stoppedOptions((client) => issueAnswer(client, SECRET))), coordinator: "127.0.0.1:1" }

  expect(await codeOfAsync(() => enroll(wanted))).toBe("STOPPED")
  expect(wanted.log.lines[0]?.fields.code).toBe("UNREACHABLE")
})

test("never logs the secret or the key", async () => {
  const wanted = await options((client) => issueAnswer(client, SECRET))

  const { keyPem } = await enroll(wanted)

  const log = JSON.stringify(wanted.log.lines)
  expect(log).not.toContain("ab".repeat(8))
  expect(log).not.toContain(keyPem.split("\n")[1])
})
