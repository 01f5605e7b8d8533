import { describe, expect, test } from "@jest/globals"
import fc from "fast-check"
import * as protocol from "../src/index.ts"

const RUNS = Number(process.env["FUZZ_RUNS"] ?? 200)

interface Codec {
  decode(input: Uint8Array): unknown
  encode(message: unknown): { finish(): Uint8Array }
}

const codecs: [string, Codec][] = Object.entries(protocol).flatMap(([name, value]) =>
  typeof value === "object" && "decode" in value && "encode" in value ? [[name, value as Codec]] : [],
)

const one = Uint8Array.of(1)
const share = { PublicKey: "key", EncryptedSeed: one }
const shares = { SeedShares: [share, share], salt: one }
const transition = { TransitionHash: one, Signature: one }
/** A message of every type, with all its fields. */
const messages: Readonly<Record<string, unknown>> = {
  SetManifestRequest: { Manifest: one, Policies: [one, one], PreviousTransitionHash: one, Signature: one },
  SetManifestResponse: { RootCA: one, MeshCA: one, SeedSharesDoc: shares },
  GetManifestsRequest: {},
  GetManifestsResponse: { Manifests: [one], Policies: [one], RootCA: one, MeshCA: one, LatestTransition: transition },
  LatestTransition: transition,
  SeedShare: share,
  SeedShareDocument: shares,
  UserRecoverRequest: { Seed: one, Salt: one, Force: true, ExpectedTransitionHash: one },
  UserRecoverResponse: {},
  NewMeshCertRequest: { EvidenceType: "type", Document: one },
  NewMeshCertResponse: { MeshCACert: one, CertChain: one, RootCACert: one, WorkloadSecret: one },
  MeshRecoverRequest: { EvidenceType: "type", Document: one },
  MeshRecoverResponse: { Seed: one, Salt: one, MeshCAKey: one, LatestManifest: one },
  AttestRequest: { Nonce: one },
  AttestResponse: { EvidenceType: "type", Document: one },
  ChallengeRequest: {},
  ChallengeResponse: { Nonce: one },
}

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "hex"))

describe("on the wire", () => {
  test("every service has the path of the established implementation", () => {
    const { UserAPIService, MeshAPIService, AttestationAPIService } = protocol
    const methods = [UserAPIService, MeshAPIService, AttestationAPIService].flatMap((service) =>
      Object.values<{ readonly path: string }>(service),
    )

    expect(methods.map(({ path }) => path)).toEqual([
      "/edgelesssys.contrast.userapi.UserAPI/SetManifest",
      "/edgelesssys.contrast.userapi.UserAPI/GetManifests",
      "/edgelesssys.contrast.userapi.UserAPI/Recover",
      "/meshapi.MeshAPI/NewMeshCert",
      "/meshapi.MeshAPI/Recover",
      "/edgelesssys.contrast.attestation.AttestationAPI/Attest",
      "/edgelesssys.contrast.attestation.AttestationAPI/Challenge",
    ])
  })

  test.each<[string, unknown, string]>([
    [
      "SetManifestRequest",
      { Manifest: one, Policies: [one, one], PreviousTransitionHash: one, Signature: one },
      "0a0101 120101 120101 1a0101 220101",
    ],
    [
      "SetManifestResponse",
      { RootCA: one, MeshCA: one, SeedSharesDoc: { SeedShares: [{ PublicKey: "k", EncryptedSeed: one }], salt: one } },
      "0a0101 120101 1a0b 0a06 0a016b 120101 120101",
    ],
    [
      "GetManifestsResponse",
      {
        Manifests: [one],
        Policies: [one],
        RootCA: one,
        MeshCA: one,
        LatestTransition: { TransitionHash: one, Signature: one },
      },
      "0a0101 120101 1a0101 220101 2a06 0a0101 120101",
    ],
    [
      "UserRecoverRequest",
      { Seed: one, Salt: one, Force: true, ExpectedTransitionHash: one },
      "0a0101 120101 1801 520101",
    ],
    ["NewMeshCertRequest", { EvidenceType: "t", Document: one }, "520174 5a0101"],
    ["MeshRecoverRequest", { EvidenceType: "t", Document: one }, "520174 5a0101"],
    [
      "NewMeshCertResponse",
      { MeshCACert: one, CertChain: one, RootCACert: one, WorkloadSecret: one },
      "0a0101 120101 1a0101 220101",
    ],
    [
      "MeshRecoverResponse",
      { Seed: one, Salt: one, MeshCAKey: one, LatestManifest: one },
      "0a0101 120101 1a0101 220101",
    ],
    ["AttestRequest", { Nonce: one }, "0a0101"],
    ["AttestResponse", { EvidenceType: "t", Document: one }, "0a0174 120101"],
    ["ChallengeResponse", { Nonce: one }, "0a0101"],
  ])("%s has its field numbers", (name, message, hex) => {
    const codec = codecs.find(([known]) => known === name)?.[1]

    expect(codec?.decode(bytes(hex.replaceAll(" ", "")))).toEqual(message)
    expect(Buffer.from(codec?.encode(message).finish() ?? []).toString("hex")).toBe(hex.replaceAll(" ", ""))
  })

  test("an absent optional field is told from an empty one", () => {
    const { SetManifestRequest } = protocol

    expect(SetManifestRequest.decode(bytes("0a0101")).PreviousTransitionHash).toBeUndefined()
    expect(SetManifestRequest.decode(bytes("0a01011a00")).PreviousTransitionHash).toEqual(new Uint8Array())
  })

  test("the older string in field 1 of NewMeshCertRequest is skipped", () => {
    expect(protocol.NewMeshCertRequest.decode(bytes("0a03616263"))).toEqual({
      EvidenceType: undefined,
      Document: undefined,
    })
  })
})

/** Anything in place of a part of valid bytes. */
function tampered(valid: Uint8Array): fc.Arbitrary<Uint8Array> {
  const cut = fc.nat({ max: valid.length })
  return fc
    .record({ from: cut, to: cut, put: fc.uint8Array({ maxLength: 4 }) })
    .map(({ from, to, put }) => Uint8Array.from([...valid.subarray(0, from), ...put, ...valid.subarray(to)]))
}

test("there is a codec for every message", () => {
  expect(codecs).toHaveLength(17)
})

describe.each(codecs)("%s", (name, codec) => {
  const valid = codec.encode(messages[name]).finish()

  test("decodes what it encodes, whole", () => {
    expect(codec.decode(valid)).toEqual(messages[name])
  })

  test("decodes or refuses a valid message with anything in place of a part of it", () => {
    fc.assert(
      fc.property(tampered(valid), (input) => {
        const message = decodeOrRefuse(codec, input)
        if (message !== undefined) expect(codec.decode(codec.encode(message).finish())).toEqual(message)
      }),
      { numRuns: RUNS },
    )
  })

  test("decodes or refuses arbitrary bytes, and never grows", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 512 }), (input) => {
        const message = decodeOrRefuse(codec, input)
        if (message !== undefined) expect(codec.encode(message).finish().length).toBeLessThanOrEqual(3 * input.length)
      }),
      { numRuns: RUNS },
    )
  })

  test("refuses a length that goes beyond the end", () => {
    for (const tag of [0x0a, 0x12, 0x1a, 0x22, 0x2a, 0x52, 0x5a]) {
      expect(decodeOrRefuse(codec, Uint8Array.of(tag, 0xff, 0xff, 0xff, 0xff, 0x07))).toBeUndefined()
    }
  })
})

/** The message, or undefined for a RangeError or Error of the decoder; anything else would be a defect. */
function decodeOrRefuse(codec: Codec, input: Uint8Array): unknown {
  try {
    return codec.decode(input)
  } catch (error) {
    expect(String(error)).toMatch(/^(Range)?Error: /)
    return undefined
  }
}
