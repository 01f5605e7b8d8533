import { status, type ServerUnaryCall } from "@grpc/grpc-js"
import { describe, expect, test } from "@jest/globals"
import { ProtocolError, unaryHandler } from "../src/index.ts"

type Answer = { readonly error: unknown; readonly response: unknown }

/** Calls a handler; the call itself is passed through and never looked at. */
function ask(handle: (call: unknown) => Promise<string>): Promise<Answer> {
  return new Promise((resolve) => {
    unaryHandler<string, string>(handle)("call" as unknown as ServerUnaryCall<string, string>, (error, response) => {
      resolve({ error, response })
    })
  })
}

describe("a handler answers", () => {
  test("with what it returns", async () => {
    expect(await ask((call) => Promise.resolve(`answer to ${String(call)}`))).toEqual({
      error: null,
      response: "answer to call",
    })
  })

  test("a rejection by the status table", async () => {
    const { error } = await ask(() => Promise.reject(new ProtocolError("ROLE", "not a coordinator")))

    expect(error).toMatchObject({ code: status.PERMISSION_DENIED, details: "not a coordinator" })
  })

  test("a throw before the first await too", async () => {
    const { error } = await ask(() => {
      throw new TypeError("cannot read")
    })

    expect(error).toMatchObject({ code: status.INTERNAL, details: "internal error" })
  })
})
