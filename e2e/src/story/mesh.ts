import assert from "node:assert/strict"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { once } from "node:events"
import { startEgress, startIngress } from "../envoy.ts"
import { externalTool } from "../external-tool.ts"
import { callMutualTls, readWorkloadTls, serveMutualTls } from "../workload-tls.ts"
import type { Scene } from "./scene.ts"
import type { Step } from "./step.ts"

export const mutualTls: Step = {
  title: "db and web talk mutual TLS with their files, and a wrong name or no certificate is refused",
  why:
    "Both ends know each other by names from the manifest, vouched for by a CA that exists in the attested Coordinator " +
    "alone. The network between them may belong to anybody.",
  async act(scene) {
    const web = await readWorkloadTls(scene.pods.web.root)
    const db = await readWorkloadTls(scene.pods.db.root)
    const server = await serveMutualTls(web, "hello from web")
    try {
      const anonymous = { port: server.port, name: "web", trust: db.ca }
      const call = { ...anonymous, identity: db }
      assert.equal(await callMutualTls(call), "hello from web")
      await assert.rejects(callMutualTls({ ...call, name: "bank" }), { code: "ERR_TLS_CERT_ALTNAME_INVALID" })
      await assert.rejects(callMutualTls(anonymous), { code: "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED" })
    } finally {
      await server.close()
    }
    return [
      "db asked web: hello from web",
      "a server asked for as bank: refused by db",
      "no certificate: refused by web",
    ]
  },
}

export const envoys: Step = {
  title: "two Envoys with the same files carry plain HTTP, and refuse a wrong name or no certificate",
  why: "A service mesh needs nothing from us but these files: the application itself speaks plain HTTP on its own loopback.",
  needs: "envoy",
  act: (scene) => callThroughEnvoys(scene, externalTool("envoy")),
}

async function callThroughEnvoys(scene: Scene, envoy: string): Promise<readonly string[]> {
  const { web, db } = scene.pods
  const server = createServer((_request, response) => response.end("plain hello from web")).listen(0, "127.0.0.1")
  await once(server, "listening")
  const upstreamPort = (server.address() as AddressInfo).port // a TCP listener has no other form of address
  const opened: { close(): Promise<void> }[] = []
  const ingress = await startIngress({
    envoy,
    folder: scene.stage.path("envoy-in"),
    tlsFolder: web.tlsFolder,
    upstreamPort,
  })
  opened.push(ingress)
  const call = async (folder: string, name: string, isAnonymous: boolean): Promise<Response> => {
    const options = {
      envoy,
      folder: scene.stage.path(folder),
      tlsFolder: db.tlsFolder,
      upstreamPort: ingress.port,
      name,
      isAnonymous,
    }
    const egress = await startEgress(options)
    opened.push(egress)
    return fetch(`http://127.0.0.1:${egress.port}/`)
  }
  try {
    assert.equal(await (await call("envoy-out", "web", false)).text(), "plain hello from web")
    assert.equal((await call("envoy-wrong-name", "bank", false)).status, 503)
    assert.equal((await call("envoy-anonymous", "web", true)).status, 503)
  } finally {
    await Promise.all(opened.map((each) => each.close()))
    server.close()
  }
  return ["db's Envoy called web's Envoy: plain hello from web", "wrong name: 503", "no certificate: 503"]
}
