import { AttestationAPIService } from "@contrast/protocol"
import { Client, credentials, Server, ServerCredentials } from "@grpc/grpc-js"
import { afterEach, expect, test } from "@jest/globals"
import { CallGate } from "../src/call-gate.ts"
import { callUnary } from "../src/unary-call.ts"
import { closeAll, closeLater } from "./support/stage.ts"

afterEach(closeAll)

/** A client behind a gate, and the calls that its server has seen. */
async function startGatedClient(gate: CallGate): Promise<{ readonly seen: string[]; readonly client: Client }> {
  const seen: string[] = []
  const server = new Server()
  const answer = (name: string) => (_call: unknown, respond: (error: null, response: object) => void) => {
    seen.push(name)
    respond(null, { EvidenceType: "", Document: new Uint8Array(), Nonce: new Uint8Array() })
  }
  server.addService(AttestationAPIService, { attest: answer("attest"), challenge: answer("challenge") })
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error)
      else resolve(bound)
    })
  })
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), { interceptors: [gate.interceptor] })
  closeLater(() => {
    client.close()
    server.forceShutdown()
  })
  return { seen, client }
}

const attest = (client: Client): Promise<unknown> =>
  callUnary(client, AttestationAPIService.attest, { Nonce: new Uint8Array() }, 5_000)

const challenge = (client: Client): Promise<unknown> => callUnary(client, AttestationAPIService.challenge, {}, 5_000)

test("before verification only the question for evidence passes", async () => {
  const { seen, client } = await startGatedClient(new CallGate())

  await expect(challenge(client)).rejects.toMatchObject({ code: "UNREACHABLE" })
  await attest(client)

  expect(seen).toEqual(["attest"])
})

test("after it all calls pass", async () => {
  const gate = new CallGate()
  const { seen, client } = await startGatedClient(gate)
  gate.open()

  await attest(client)
  await challenge(client)

  expect(seen).toEqual(["attest", "challenge"])
})

test("at the end none passes, and the gate does not open again", async () => {
  const gate = new CallGate()
  const { seen, client } = await startGatedClient(gate)
  gate.shut()
  gate.open()

  await expect(attest(client)).rejects.toMatchObject({ code: "UNREACHABLE" })
  await expect(challenge(client)).rejects.toMatchObject({ code: "UNREACHABLE" })

  expect(seen).toEqual([])
})
