import { Agent, request } from "node:https"
import { afterEach, expect, test } from "@jest/globals"
import { call, createMesh, dataOf, startTransit, type Running } from "./harness.ts"

const ENCRYPT = "/v1/transit/encrypt/web"
let running: Running
let agent: Agent

afterEach(async () => {
  agent.destroy()
  await running.close()
})

test("a manifest update is followed without a restart: the old certificate is refused, a new one is good", async () => {
  const before = createMesh()
  const after = createMesh()
  running = await startTransit(before)
  const old = before.issueClient("web")
  agent = new Agent({ keepAlive: true, rejectUnauthorized: false, ...old })
  const first = await call(running.port, old, "PUT", ENCRYPT, { plaintext: "YQ==" }, { agent })

  running.state = after.state
  const onOldConnection = await call(running.port, old, "PUT", ENCRYPT, { plaintext: "YQ==" }, { agent })
  const again = await call(running.port, old, "PUT", ENCRYPT, { plaintext: "YQ==" })
  const renewed = await call(running.port, after.issueClient("web"), "PUT", ENCRYPT, { plaintext: "YQ==" })

  // The old connection is told to come again; who comes again with the old certificate is refused for good.
  expect([first.status, onOldConnection.status, again.status, renewed.status]).toEqual([200, 503, 403, 200])
})

test("a recovered Coordinator opens what was sealed before", async () => {
  const mesh = createMesh()
  running = await startTransit(mesh)
  const web = mesh.issueClient("web")
  agent = new Agent()
  const sealed = await call(running.port, web, "PUT", ENCRYPT, { plaintext: "YQ==" })

  running.availability = "needs-recovery"
  const waiting = await call(running.port, web, "PUT", ENCRYPT, { plaintext: "YQ==" })
  running.availability = "active"
  running.state = { ...mesh.state }
  const opened = await call(running.port, web, "PUT", "/v1/transit/decrypt/web", {
    ciphertext: dataOf(sealed).ciphertext,
  })

  expect(waiting.status).toBe(503)
  expect(dataOf(opened)).toEqual({ plaintext: "YQ==" })
})

test("the server's certificate belongs to the mesh of the current state", async () => {
  const mesh = createMesh()
  running = await startTransit(mesh)
  agent = new Agent({ ca: mesh.state.meshCaPem, rejectUnauthorized: true, servername: "localhost" })

  const verified = new Promise<number>((resolve, reject) => {
    request({ host: "127.0.0.1", port: running.port, path: "/v1/sys/health", agent }, (incoming) => {
      incoming.resume()
      resolve(incoming.statusCode ?? 0)
    })
      .on("error", reject)
      .end()
  })

  expect(await verified).toBe(200)
})
