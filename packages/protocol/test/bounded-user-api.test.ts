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
    ["that is cut off", request(1).subarray(0, -1)],
    ["with a length beyond its end", Buffer.of(0x12, 0xff, 0xff, 0xff, 0x0f)],
    ["with a field of no type", Buffer.of(0x17)],
  ])("%s is refused", (_title, bytes) => {
    expect(() => requestDeserialize(bytes)).toThrow()
  })
})

test("all other calls are as they were", () => {
  const { setManifest, ...others } = boundedUserApi(3)

  expect({ ...others, setManifest: { ...setManifest, requestDeserialize: undefined } }).toEqual({
    ...UserAPIService,
    setManifest: { ...UserAPIService.setManifest, requestDeserialize: undefined },
  })
})
