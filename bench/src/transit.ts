import { mkdir, writeFile } from "node:fs/promises"
import path from "node:path"
import { externalTool, Pod } from "@contrast/e2e"
import { execa } from "execa"
import type { Deployment } from "./deployment.ts"
import type { Figure } from "./figure.ts"
import { OpenBaoEngine } from "./openbao-engine.ts"

const NAME = "apps/v1/Deployment/default/web"
const RATIO_GOAL = 1.5
const BATCH_ITEMS = 100

/** One kind of request, sent over a number of keep-alive connections. */
interface Load {
  readonly title: string
  readonly operation: "encrypt" | "decrypt"
  readonly body: object
  readonly connections: number
}

/** A server under load. */
interface Target {
  readonly url: (operation: Load["operation"]) => string
  readonly headers: Readonly<Record<string, readonly string[]>>
}

interface Result {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

/**
 * Requests per second of our transit API beside OpenBao's own transit engine: mutual TLS with the same files, the same
 * outside load generator, in turns.
 */
export async function measureTransit(
  { stage, hostData }: Deployment,
  { seconds }: { readonly seconds: number },
): Promise<readonly Figure[]> {
  const dataDirectory = stage.path("transit-data")
  const folder = stage.path("transit-bench")
  await mkdir(dataDirectory)
  await mkdir(folder)
  const identity = hostData.get("coordinator") ?? ""
  const coordinator = await stage.startCoordinator({ dataDirectory, hostData: identity, logLevel: "info" })
  await stage.contrast("set", "--coordinator", coordinator.userAddress, "resources")
  const pod = new Pod(stage, "transit-bench", hostData.get("web") ?? "")
  await pod.initialize(coordinator.meshAddress)
  const bao = await OpenBaoEngine.start(folder, pod.tlsFolder)
  try {
    const ours: Target = {
      url: (operation) => `https://127.0.0.1:${coordinator.transitPort}/v1/transit/${operation}/${NAME}`,
      headers: {},
    }
    const theirs: Target = {
      url: (operation) => `https://127.0.0.1:${bao.port}/v1/transit/${operation}/${OpenBaoEngine.keyName}`,
      headers: { "X-Vault-Token": [bao.token] },
    }
    const bench: Bench = { folder, tlsFolder: pod.tlsFolder, seconds }
    const figures: Figure[] = []
    for (const size of [64, 4096]) {
      for (const connections of [1, 32]) {
        for (const operation of ["encrypt", "decrypt"] as const) {
          const plaintext = Buffer.alloc(size, 7).toString("base64")
          const title = `${operation} ${size} B, ${connections} connection${connections === 1 ? "" : "s"}`
          const measure = async (target: Target): Promise<Result> => {
            const body = await bodyFor(bench, target, operation, plaintext)
            return attack(bench, target, { title, operation, connections, body })
          }
          figures.push(...(await compareInTurns(title, [ours, theirs], measure)))
        }
      }
    }
    const body = { batch_input: Array.from({ length: BATCH_ITEMS }, () => ({ plaintext: "YQ==" })) }
    const title = `encrypt a batch of ${BATCH_ITEMS}, 8 connections`
    const load: Load = { title, operation: "encrypt", connections: 8, body }
    figures.push(...(await compareInTurns(title, [ours, theirs], (target) => attack(bench, target, load))))
    return [...figures, ...memory(await coordinator.residentBytes(), await bao.residentBytes())]
  } finally {
    await bao.stop()
    await coordinator.stop()
  }
}

/** Where a run leaves its files, whose certificate it uses, and how long each load lasts. */
interface Bench {
  readonly folder: string
  readonly tlsFolder: string
  readonly seconds: number
}

async function bodyFor(
  { tlsFolder }: Bench,
  target: Target,
  operation: Load["operation"],
  plaintext: string,
): Promise<object> {
  if (operation === "encrypt") return { plaintext }
  const ca = ["--cert", path.join(tlsFolder, "certChain.pem"), "--key", path.join(tlsFolder, "key.pem")]
  const headers = Object.entries(target.headers).flatMap(([name, [value]]) => ["-H", `${name}: ${value ?? ""}`])
  const request = ["-sS", "-k", ...ca, ...headers, "-X", "PUT", "-d", "@-", "-H", "Content-Type: application/json"]
  const { stdout } = await execa("curl", [...request, target.url("encrypt")], { input: JSON.stringify({ plaintext }) })
  const { data } = JSON.parse(stdout) as { data: { ciphertext: string } } // the form of both APIs
  return { ciphertext: data.ciphertext }
}

async function attack({ folder, tlsFolder, seconds }: Bench, target: Target, load: Load): Promise<Result> {
  const file = path.join(folder, "targets.json")
  const request = {
    method: "PUT",
    url: target.url(load.operation),
    header: { ...target.headers, "Content-Type": ["application/json"] },
    body: Buffer.from(JSON.stringify(load.body)).toString("base64"),
  }
  await writeFile(file, `${JSON.stringify(request)}\n`)
  const tls = ["-insecure", "-cert", path.join(tlsFolder, "certChain.pem"), "-key", path.join(tlsFolder, "key.pem")]
  const shape = [
    "-rate=0",
    `-workers=${load.connections}`,
    `-max-workers=${load.connections}`,
    `-connections=${load.connections}`,
  ]
  const results = path.join(folder, "results.bin")
  // Both speak HTTP/1.1 then; ours speaks nothing else, and a vegeta of HTTP/2 sends all requests through one connection.
  const protocol = ["-http2=false"]
  const vegeta = externalTool("vegeta")
  await execa(vegeta, [
    "attack",
    "-format=json",
    `-targets=${file}`,
    `-duration=${seconds}s`,
    ...shape,
    ...protocol,
    ...tls,
    `-output=${results}`,
  ])
  const { stdout } = await execa(vegeta, ["report", "-type=json", results])
  const report = JSON.parse(stdout) as Report
  if (report.success < 1)
    throw new Error(`${load.title}: only ${report.success} of the requests succeeded: ${report.errors.join(", ")}`)
  const { latencies, throughput } = report
  return { perSecond: throughput, p50Ms: latencies["50th"] / 1e6, p99Ms: latencies["99th"] / 1e6 }
}

/** What `vegeta report -type=json` writes; times in nanoseconds. */
interface Report {
  readonly throughput: number
  readonly success: number
  readonly errors: readonly string[]
  readonly latencies: { readonly "50th": number; readonly "99th": number }
}

/** Measures both, and then both again in the other order: who goes first may find the machine warmer or cooler. */
async function compareInTurns(
  title: string,
  [ours, theirs]: readonly [Target, Target],
  measure: (target: Target) => Promise<Result>,
): Promise<readonly Figure[]> {
  const first = [await measure(ours), await measure(theirs)] as const
  const theirSecond = await measure(theirs)
  const ourSecond = await measure(ours)
  return compare(title, mean(first[0], ourSecond), mean(first[1], theirSecond))
}

function mean(first: Result, second: Result): Result {
  const between = (member: keyof Result): number => (first[member] + second[member]) / 2
  return { perSecond: between("perSecond"), p50Ms: between("p50Ms"), p99Ms: between("p99Ms") }
}

function compare(title: string, ours: Result, theirs: Result): readonly Figure[] {
  const ratio = ours.perSecond / theirs.perSecond
  const describe = ({ perSecond, p50Ms, p99Ms }: Result): string =>
    `${perSecond.toFixed(0)} /s, p50 ${p50Ms.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms`
  return [
    { name: `transit ${title}`, value: describe(ours) },
    { name: "  OpenBao", value: describe(theirs) },
    {
      name: "  ratio, and of p99",
      value: `${ratio.toFixed(2)}, ${(ours.p99Ms / theirs.p99Ms).toFixed(2)}`,
      goal: { text: `≥ ${RATIO_GOAL} at a lower p99`, isMet: ratio >= RATIO_GOAL && ours.p99Ms < theirs.p99Ms },
    },
  ]
}

function memory(ours: number, theirs: number): readonly Figure[] {
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`
  return [{ name: "resident memory after it, and OpenBao's", value: `${megabytes(ours)}, ${megabytes(theirs)}` }]
}
