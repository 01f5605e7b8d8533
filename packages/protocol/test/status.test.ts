import { status } from "@grpc/grpc-js"
import { describe, expect, test } from "@jest/globals"
import { type ErrorCode, EXIT, exitCodeOf, isErrorCode, statusOf } from "../src/index.ts"

describe("the status table", () => {
  test.each<[ErrorCode, status, number, number]>([
    ["MANIFEST", status.INVALID_ARGUMENT, 400, EXIT.refused],
    ["MANIFEST_SIGNATURE", status.PERMISSION_DENIED, 403, EXIT.refused],
    ["SEEDSHARE_OWNERS_CHANGED", status.PERMISSION_DENIED, 403, EXIT.refused],
    ["PREVIOUS_TRANSITION", status.FAILED_PRECONDITION, 409, EXIT.conflict],
    ["CONFLICT", status.FAILED_PRECONDITION, 409, EXIT.conflict],
    ["NEEDS_RECOVERY", status.FAILED_PRECONDITION, 503, EXIT.needsRecovery],
    ["WRONG_SEED", status.INVALID_ARGUMENT, 400, EXIT.refused],
    ["ATTESTATION", status.PERMISSION_DENIED, 403, EXIT.attestation],
    ["UNREACHABLE", status.UNAVAILABLE, 503, EXIT.unreachable],
    ["BUSY", status.RESOURCE_EXHAUSTED, 503, EXIT.refused],
    ["STORE", status.INTERNAL, 500, EXIT.refused],
  ])("%s means the same on every border", (code, grpc, http, exit) => {
    expect(statusOf(code)).toEqual({ grpc, http, exit })
    expect(exitCodeOf(code)).toBe(exit)
  })

  test.each(["", "constructor", "toString", "ENOENT", "manifest"])("does not know %j", (text) => {
    expect(isErrorCode(text)).toBe(false)
    expect(exitCodeOf(text)).toBe(EXIT.refused)
  })
})
