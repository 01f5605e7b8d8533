import { describe, expect, test } from "@jest/globals"
import { boundedUserApi, SetManifestRequest, UserAPIService } from "../src/index.ts"

const { requestDeserialize } = boundedUserApi(3).setManifest

const request = (policies: number): Buffer => {
  const Policies = Array.from({ length: policies }, (_, index) => Uint8Array.of(index))
  return Buffer.from(SetManifestRequest.encode({ ...EMPTY, Policies }).finish())
}

const EMPTY = {
  Manifest: new Uint8Array(2),
  Policies: [],
  PreviousTransitionHash: new Uint8Array(0),
  Signature: Uint8Array.of(1),
}

describe("a request to set a manifest", () => {
  test("is decoded with as many policies as are allowed", () => {
    expect(requestDeserialize(request(3))).toEqual(SetManifestRequest.decode(request(3)))
  })

  test("with more is not decoded", () => {
    expect(() => requestDeserialize(request(4))).toThrow(new RangeError("expected at most 3 policies"))
  })

  test.each([
    ["fields that nobody knows", Buffer.of(0x78, 1)],
    ["manifests", Buffer.of(0x0a, 0)],
  ])("with many %s is not decoded, and not read to its end", (_title, field) => {
    const notEnded = Buffer.concat([...Array.from({ length: 33 }, () => field), Buffer.of(0x17)])

    expect(() => requestDeserialize(notEnded)).toThrow(new RangeError("expected at most 32 fields besides policies"))
  })

  test("with more policies is not read to its end either", () => {
    const notEnded = Buffer.concat([request(4), Buffer.of(0x17)])

    expect(() => requestDeserialize(notEnded)).toThrow(new RangeError("expected at most 3 policies"))
  })

  test("with a few fields that are not known is decoded", () => {
    const newer = Buffer.concat([request(1), Buffer.of(0x78, 1)])

    expect(requestDeserialize(newer)).toEqual(SetManifestRequest.decode(request(1)))
  })

  test("with a group is not decoded", () => {
    expect(() => requestDeserialize(Buffer.of(0x7b, 0x08, 0, 0x7c))).toThrow(new RangeError("expected no groups"))
  })

  test.each([
    ["that is cut off", request(1).subarray(0, -1)],
    ["with a length beyond its end", Buffer.of(0x12, 0xff, 0xff, 0xff, 0x0f)],
    ["with a field of no type", Buffer.of(0x17)],
  ])("%s is refused", (_title, bytes) => {
    expect(() => requestDeserialize(bytes)).toThrow()
  })
})

test("calls that carry no manifest are as they were, and state that their requests are small", () => {
  const { getManifests, recover } = boundedUserApi(3)
  const bound = { maxRequestBytes: 4096 }

  expect({ getManifests, recover }).toEqual({
    getManifests: { ...UserAPIService.getManifests, ...bound },
    recover: { ...UserAPIService.recover, ...bound },
  })
})

test("setting a manifest is as it was but for how requests are read", () => {
  const { setManifest } = boundedUserApi(3)

  expect({ ...setManifest, requestDeserialize: undefined }).toEqual({
    ...UserAPIService.setManifest,
    requestDeserialize: undefined,
  })
})
