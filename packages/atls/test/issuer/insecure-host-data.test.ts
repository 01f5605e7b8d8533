import { once } from "node:events"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { createServer, type RequestListener, type Server } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, expect, test } from "@jest/globals"
import { encodeHex } from "@contrast/crypto"
import { readInsecureHostData } from "../../src/index.ts"

const HOST_DATA = Uint8Array.from({ length: 32 }, (_, index) => index)

let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

test("is taken from hex digits, from a file, and from a guest's own address", async () => {
  const directory = await mkdtemp(join(tmpdir(), "coordinator-"))
  const file = join(directory, "hostdata")
  await writeFile(file, HOST_DATA)
  const url = await serve((_request, response) => response.end(HOST_DATA))

  for (const source of [encodeHex(HOST_DATA), file, url]) expect(await readInsecureHostData(source)).toEqual(HOST_DATA)

  await rm(directory, { recursive: true })
})

test("is unreadable while nothing answers, or answers with an error", async () => {
  const url = await serve((_request, response) => response.writeHead(503).end(HOST_DATA))

  for (const source of [url, "http://127.0.0.1:1/hostdata", "/nonexistent"]) {
    await expect(readInsecureHostData(source)).rejects.toMatchObject({ code: "HOST_DATA_UNREADABLE" })
  }
})

test.each<[string, RequestListener]>([
  ["nothing", (_request, response) => response.end()],
  ["one byte too few", (_request, response) => response.end(HOST_DATA.subarray(1))],
  ["bytes without end", (_request, response) => void setInterval(() => response.write(HOST_DATA), 1).unref()],
])("is refused if the answer is %s", async (_what, listener) => {
  await expect(readInsecureHostData(await serve(listener))).rejects.toMatchObject({ code: "HOST_DATA_SIZE" })
})

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener).listen(0, "127.0.0.1")
  await once(server, "listening")
  return `http://127.0.0.1:${(server.address() as { readonly port: number }).port}/hostdata` // a TCP server has a port
}
