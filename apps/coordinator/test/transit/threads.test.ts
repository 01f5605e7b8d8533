import { createPublicKey, randomBytes } from "node:crypto"
import { Agent } from "node:https"
import { afterEach, expect, test } from "@jest/globals"
import { createSeedEngine, generateP256Key, parseSubjectAltNames, SALT_BYTES, SEED_BYTES } from "@contrast/crypto"
import { createAuthority, issueChain } from "../../src/state/authority.ts"
import { readBulletin, Bulletin } from "../../src/transit/bulletin.ts"
import type { TransitService } from "../../src/transit/service.ts"
import type { Notice } from "../../src/transit/state.ts"
import { createTransitThreads } from "../../src/transit/threads.ts"
import { createLogSink, type LogSink } from "../support/log-sink.ts"
import { base64, call, type ClientCredentials, dataOf, LIMITS } from "./harness.ts"

const ID = "apps/v1/Deployment/default/web"
const PATH = `/v1/transit/encrypt/${ID}`
const engine = createSeedEngine(randomBytes(SEED_BYTES), randomBytes(SALT_BYTES))

let service: TransitService | undefined
let sink: LogSink

afterEach(async () => {
  await service?.close(0)
  service = undefined
})

function create(count: number, warnAt?: number): TransitService {
  sink = createLogSink()
  const entry = new URL("../../src/transit-thread.ts", import.meta.url)
  service = createTransitThreads({
    entry,
    count,
    log: sink.log,
    version: "1.2.3",
    limits: LIMITS,
    ...(warnAt !== undefined && { warnAt }),
  })
  return service
}

async function start(count: number, warnAt?: number): Promise<{ service: TransitService; port: number }> {
  const service = create(count, warnAt)
  return { service, port: await service.listen("127.0.0.1", 0) }
}

/** A state with a mesh CA of its own, and a client that belongs to it. */
function createState(): { notice: Notice; client: ClientCredentials } {
  const authority = createAuthority(engine.rootCaKey, new Date())
  const key = generateP256Key()
  const subject = { publicKey: createPublicKey(key), names: parseSubjectAltNames(["web"]), workloadSecretId: ID }
  const cert = issueChain(authority, subject, new Date())
  const secrets = { transitRoot: engine.transitRoot, names: ["coordinator"], ...authority }
  return {
    notice: { availability: "active", secrets },
    client: { key: key.export({ type: "pkcs8", format: "pem" }).toString(), cert },
  }
}

const plaintext = { plaintext: base64("secret") }

test("serves many connections with the same keys, whichever thread gets them", async () => {
  const { service, port } = await start(2)
  const { notice, client } = createState()
  service.publish(notice)

  const sealed = await Promise.all(Array.from({ length: 16 }, () => call(port, client, "PUT", PATH, plaintext)))
  const opened = await Promise.all(
    sealed.map((reply) =>
      call(port, client, "PUT", `/v1/transit/decrypt/${ID}`, { ciphertext: dataOf(reply).ciphertext }),
    ),
  )

  expect(opened.map((reply) => dataOf(reply).plaintext)).toEqual(opened.map(() => plaintext.plaintext))
})

test("serves nothing by an earlier state once a new one is published", async () => {
  const { service, port } = await start(2)
  const [before, after] = [createState(), createState()]
  service.publish(before.notice)
  const agents = Array.from({ length: 8 }, () => new Agent({ keepAlive: true, maxSockets: 1 }))
  const callAll = (client: ClientCredentials): Promise<readonly (number | "closed")[]> =>
    Promise.all(
      agents.map((agent) =>
        call(port, client, "PUT", PATH, plaintext, { agent }).then(
          ({ status }) => status,
          () => "closed" as const,
        ),
      ),
    )
  const first = await callAll(before.client)

  service.publish(after.notice)
  const second = await callAll(before.client)
  const third = await Promise.all(agents.map(() => call(port, after.client, "PUT", PATH, plaintext)))
  for (const agent of agents) agent.destroy()

  expect(first).toEqual(agents.map(() => 200))
  // Idle connections are closed as soon as a thread notices; what still comes through one is refused.
  for (const outcome of second) expect(["closed", 403, 503]).toContain(outcome)
  expect(third.map(({ status }) => status)).toEqual(agents.map(() => 200))
})

test("says that there is no state yet, and that there is none any more", async () => {
  const { service, port } = await start(1)
  const { notice, client } = createState()
  const uninitialised = await call(port, client, "PUT", PATH, plaintext)

  service.publish(notice)
  service.publish({ availability: "needs-recovery" })
  const health = await call(port, undefined, "GET", "/v1/sys/health")

  expect(uninitialised.status).toBe(503)
  expect(health.status).toBe(503)
})

test("adds up what the threads count", async () => {
  const { service, port } = await start(2)
  const { notice, client } = createState()
  service.publish(notice)
  await Promise.all(Array.from({ length: 12 }, () => call(port, client, "PUT", PATH, plaintext)))

  const metrics = await service.renderMetrics()

  expect(metrics).toContain('contrast_transit_requests_total{route="encrypt",status="200"} 12')
  expect(metrics).toContain(`contrast_transit_encryptions_total{workload_secret_id="${ID}",key_version="1"} 12`)
})

test("counts a key through states and threads, and warns of it once", async () => {
  const { service, port } = await start(2, 24)
  const metrics: string[] = []
  const warnings: number[] = []
  for (const { notice, client } of [createState(), createState(), createState()]) {
    service.publish(notice)
    // A connection each, so that the kernel deals them out to both threads.
    await Promise.all(Array.from({ length: 12 }, () => call(port, client, "PUT", PATH, plaintext)))
    metrics.push(await service.renderMetrics())
    warnings.push(sink.lines().filter(({ event }) => event === "transit-key-near-limit").length)
  }

  expect(warnings).toEqual([0, 1, 1])
  expect(metrics[0]).toContain("contrast_transit_keys_near_limit_total 0")
  expect(metrics[1]).toContain("contrast_transit_keys_near_limit_total 1")
  expect(metrics[2]).toContain("contrast_transit_keys_near_limit_total 1")
  expect(metrics[2]).toContain(`contrast_transit_encryptions_total{workload_secret_id="${ID}",key_version="1"} 36`)
})

test("bounds the series of a workload that asks for a new version with every item", async () => {
  const { service, port } = await start(1)
  const { notice, client } = createState()
  service.publish(notice)
  const batch_input = Array.from({ length: 2000 }, (_, index) => ({ plaintext: "", key_version: index + 1 }))
  await call(port, client, "PUT", PATH, { batch_input })

  const series = (await service.renderMetrics()).match(/^contrast_transit_encryptions_total\{.*$/gm) ?? []

  expect(series).toHaveLength(257)
  expect(series).toContain(
    `contrast_transit_encryptions_total{workload_secret_id="${ID}",key_version=">256"} ${2000 - 256}`,
  )
})

test("names the reason when it cannot listen", async () => {
  const service = create(1)

  // An address for documentation (RFC 5737), which no machine has.
  await expect(service.listen("192.0.2.1", 0)).rejects.toMatchObject({ code: "EADDRNOTAVAIL" })
})

test("a bulletin shows each reader the latest notice as soon as it is published", () => {
  const bulletin = new Bulletin()
  const [first, second] = [readBulletin(bulletin.subscribe()), readBulletin(bulletin.subscribe())]
  const before = first()

  bulletin.publish({ availability: "needs-recovery" })
  bulletin.publish(createState().notice)

  expect(before).toEqual({ availability: "uninitialised" })
  expect(first().availability).toBe("active")
  expect(second().availability).toBe("active")
  expect(first()).toBe(first())
})

test("answers who still asks for metrics while it ends, and afterwards", async () => {
  const { service } = await start(2)

  const before = service.renderMetrics()
  const closed = service.close(0)
  const during = service.renderMetrics()
  await closed

  expect(await before).toContain("contrast_transit_")
  expect(await during).toContain("contrast_transit_")
  expect(await service.renderMetrics()).toContain("contrast_transit_keys_near_limit_total")
})
