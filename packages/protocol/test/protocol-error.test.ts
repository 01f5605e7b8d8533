import { Metadata, status } from "@grpc/grpc-js"
import { describe, expect, test } from "@jest/globals"
import { ERROR_CODE_KEY, errorCodeOf, fromServiceError, ProtocolError, toServiceError } from "../src/index.ts"

/** An error of a package that this one does not know. */
function foreign(name: string, code: string, message = "what happened"): Error {
  return Object.assign(new Error(message), { name, code })
}

const answer = (code: status, details: string): object => ({ code, details, metadata: new Metadata() })

describe("a service error", () => {
  test("carries code, status and text of an error of ours", () => {
    const error = toServiceError(new ProtocolError("NO_MANIFEST", "no manifest configured"))

    expect(error).toMatchObject({ code: status.FAILED_PRECONDITION, details: "no manifest configured" })
    expect(error.metadata.get(ERROR_CODE_KEY)).toEqual(["NO_MANIFEST"])
  })

  test.each([
    ["ManifestError", "ROLE", "MANIFEST", status.INVALID_ARGUMENT],
    ["PolicyError", "YAML", "POLICY", status.INVALID_ARGUMENT],
    ["AttestationError", "HOST_DATA", "ATTESTATION", status.PERMISSION_DENIED],
    ["CryptoError", "SALT_SIZE", "REQUEST", status.INVALID_ARGUMENT],
    ["CoordinatorError", "ROLE", "ROLE", status.PERMISSION_DENIED],
  ])("of a %s %s is %s", (name, code, expected, grpc) => {
    const error = toServiceError(foreign(name, code))

    expect(error).toMatchObject({ code: grpc, details: "what happened" })
    expect(error.metadata.get(ERROR_CODE_KEY)).toEqual([expected])
  })

  test.each([
    ["an error without a code", new Error("seed 0102")],
    ["a system error", foreign("Error", "ENOENT", "seed 0102")],
    ["an object without prototype", Object.assign(Object.create(null) as object, { code: "toString" })],
    ["a text", "seed 0102"],
    ["null", null],
    ["nothing", undefined],
  ])("tells nothing of %s", (_name, thrown) => {
    const error = toServiceError(thrown)

    expect(error).toMatchObject({ code: status.INTERNAL, details: "internal error", message: "internal error" })
    expect(error.metadata.get(ERROR_CODE_KEY)).toEqual(["INTERNAL"])
  })

  test("has a text that fits into a header", () => {
    const { details } = toServiceError(new ProtocolError("REQUEST", `\ud800${"x".repeat(100_000)}`))

    expect(details).toHaveLength(2048)
    expect(() => encodeURI(details)).not.toThrow()
  })
})

describe("an answer", () => {
  test("gives back the error that was sent", () => {
    const sent = new ProtocolError("MESH_STATE_CHANGED", "try again")

    expect(fromServiceError(toServiceError(sent))).toMatchObject({
      code: "MESH_STATE_CHANGED",
      grpcStatus: status.UNAVAILABLE,
      message: "try again",
    })
  })

  test.each([
    [status.FAILED_PRECONDITION, "coordinator is in recovery mode", "NEEDS_RECOVERY"],
    [status.FAILED_PRECONDITION, "coordinator is already recovered", "ALREADY_RECOVERED"],
    [status.FAILED_PRECONDITION, "no manifest configured", "NO_MANIFEST"],
    [
      status.FAILED_PRECONDITION,
      "previous transition hash 'aa' does not match latest state 'bb'",
      "PREVIOUS_TRANSITION",
    ],
    [status.FAILED_PRECONDITION, "updating Coordinator state: coordinator state was updated concurrently", "CONFLICT"],
    [status.FAILED_PRECONDITION, "something else", "PRECONDITION"],
    [status.PERMISSION_DENIED, "coordinator is in recovery mode", "REFUSED"],
    [status.INVALID_ARGUMENT, "", "REQUEST"],
    [status.UNAVAILABLE, "connection refused", "UNREACHABLE"],
    [status.DEADLINE_EXCEEDED, "", "TIMEOUT"],
    [status.UNIMPLEMENTED, "", "PATH"],
    [status.DATA_LOSS, "", "UNKNOWN"],
  ])("of status %s and text %j without a code is %s", (grpc, details, code) => {
    const error = fromServiceError(answer(grpc, details))

    expect(error).toMatchObject({ code, grpcStatus: grpc, message: details })
  })

  test("with a code that is not ours is judged by its status", () => {
    const metadata = new Metadata()
    metadata.set(ERROR_CODE_KEY, "constructor")

    expect(fromServiceError({ code: status.INTERNAL, details: "x", metadata }).code).toBe("INTERNAL")
  })

  test.each([[null], [new Error("x")], [{ code: 5 }], [{ code: 5, details: "x", metadata: {} }]])(
    "that is no service error is a defect: %j",
    (thrown) => {
      expect(fromServiceError(thrown).code).toBe("INTERNAL")
      expect(errorCodeOf(thrown)).toBe("INTERNAL")
    },
  )
})
