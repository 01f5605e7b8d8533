import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { afterEach, describe, expect, test } from "@jest/globals"
import { decodeBase64 } from "@contrast/crypto"
import { handshake } from "./support/raw-tls.ts"
import { closeAll, startServer } from "./support/stage.ts"

const run = promisify(execFile)

/** Version of the openssl program as a number like 3.5; 0 if there is none. */
const version: number = await run("openssl", ["version"]).then(
  ({ stdout }) => Number(/OpenSSL (\d+\.\d+)/.exec(stdout)?.[1] ?? 0),
  () => 0,
)

const ALPN = `atls:v1:nonce:${"5a".repeat(32)},h2`

async function connectWithOpenssl(port: number, ...options: string[]): Promise<string> {
  const child = run("openssl", ["s_client", "-connect", `127.0.0.1:${port}`, "-alpn", ALPN, ...options])
  child.child.stdin?.end()
  return (await child).stdout.replaceAll('"', "") // a name with a plus stands in quotation marks
}

afterEach(closeAll)

const describeWithOpenssl = version >= 3 ? describe : describe.skip

describeWithOpenssl(`OpenSSL sees${version >= 3 ? "" : " (no openssl program)"}`, () => {
  test("TLS 1.3 and one name in the certificate request, whose common name is a nonce", async () => {
    const { port } = await startServer()

    const output = await connectWithOpenssl(port)

    expect(output).toMatch(/TLSv1\.3/)
    expect(output).toMatch(/ALPN protocol: h2/)
    const [, names = ""] =
      /Acceptable client certificate CA names\n((?:.*=.*\n)+?)(?:Client|Requested)/.exec(output) ?? []
    const [name = "", ...others] = names.trim().split("\n")
    expect(others).toEqual([])
    expect(decodeBase64(name.replace(/^CN ?= ?/, ""))).toHaveLength(32)
  })

  test("another nonce each time", async () => {
    const { port } = await startServer()
    const nameOf = (output: string): string | undefined => /^CN ?= ?.{43}=$/m.exec(output)?.[0]

    const [one, other] = [await connectWithOpenssl(port), await connectWithOpenssl(port)].map(nameOf)

    expect(one).toBeDefined()
    expect(one).not.toBe(other)
  })
})

test.each(["X25519MLKEM768", "X25519", "P-256", "P-384"])("a client may know no other group than %s", async (group) => {
  const { port } = await startServer()

  const socket = await handshake(port, { ALPNProtocols: ["h2"], ecdhCurve: group })

  expect(socket.getProtocol()).toBe("TLSv1.3")
})

test.each(["P-521", "X448"])("group %s is not offered", async (group) => {
  const { port } = await startServer()

  await expect(handshake(port, { ALPNProtocols: ["h2"], ecdhCurve: group })).rejects.toThrow(/handshake failure/)
})
