import { mkdir } from "node:fs/promises"
import { createInsecureIssuer } from "@contrast/attestation"
import { connectAttested } from "@contrast/atls"
import { decodeHex, generateP256Key, parseWorkloadOwnerKey } from "@contrast/crypto"
import { MeshAPIService, NewMeshCertRequest, SetManifestRequest, UserAPIService } from "@contrast/protocol"
import { connectAsUser, type Coordinator } from "@contrast/e2e"
import { BareTls } from "./bare-tls.ts"
import type { Deployment } from "./deployment.ts"
import { type Figure, timeMs } from "./figure.ts"

const CONCURRENCY = 8
const RATIO_GOAL = 0.8
const GROWTH_GOAL = 1.1

export interface EnrolmentOptions {
  /** Rounds of both kinds, in turns, so that both see the same weather. */
  readonly rounds: number
  readonly perRound: number
  /** Enrolments over which the Coordinator's memory is watched, those of the rounds included. */
  readonly total: number
}

/** How many workloads enrol in a second, each with its own connection, beside bare mutual TLS with the same keys. */
export async function measureEnrolment(deployment: Deployment, options: EnrolmentOptions): Promise<readonly Figure[]> {
  const coordinator = await startWithManifest(deployment)
  const key = generateP256Key()
  const bare = await BareTls.start(deployment.stage.folder, key)
  const enrol = enrolment(deployment, coordinator, key)
  const memory = [await coordinator.residentBytes()]
  let [enrolMs, bareMs] = [0, 0]
  try {
    await repeat(options.perRound, enrol)
    await repeat(options.perRound, () => bare.handshake())
    for (let round = 0; round < options.rounds; round += 1) {
      enrolMs += await timeMs(() => repeat(options.perRound, enrol))
      bareMs += await timeMs(() => repeat(options.perRound, () => bare.handshake()))
      memory.push(await coordinator.residentBytes())
    }
    for (let done = (options.rounds + 1) * options.perRound; done < options.total; done += options.perRound) {
      await repeat(Math.min(options.perRound, options.total - done), enrol)
      memory.push(await coordinator.residentBytes())
    }
  } finally {
    await bare.stop()
    await coordinator.stop()
  }
  const count = options.rounds * options.perRound
  return [...throughput(count, enrolMs, bareMs), ...growth(memory, options.total)]
}

function throughput(count: number, enrolMs: number, bareMs: number): readonly Figure[] {
  const ratio = bareMs / enrolMs
  const perSecond = (elapsedMs: number) => `${((count * 1000) / elapsedMs).toFixed(0)} /s`
  return [
    { name: "NewMeshCert with its handshake", value: perSecond(enrolMs) },
    { name: "bare mutual TLS, same keys", value: perSecond(bareMs) },
    { name: "ratio", value: ratio.toFixed(2), goal: { text: `≥ ${RATIO_GOAL}`, isMet: ratio >= RATIO_GOAL } },
  ]
}

/** Memory is flat if the last quarter of the run needs no more than the second one; the first warms up. */
function growth(memory: readonly number[], total: number): readonly Figure[] {
  const quarter = Math.floor(memory.length / 4)
  const peak = (from: number) => Math.max(...memory.slice(from * quarter, (from + 1) * quarter))
  const ratio = peak(3) / peak(1)
  const mebibytes = (bytes: number | undefined) => `${((bytes ?? 0) / 2 ** 20).toFixed(0)} MiB`
  return [
    { name: "resident memory at the start", value: mebibytes(memory[0]) },
    { name: `resident memory after ${total} enrolments`, value: mebibytes(memory.at(-1)) },
    {
      name: "last quarter over second quarter",
      value: ratio.toFixed(2),
      goal: { text: `≤ ${GROWTH_GOAL}`, isMet: ratio <= GROWTH_GOAL },
    },
  ]
}

async function startWithManifest(deployment: Deployment): Promise<Coordinator> {
  const { stage, hostData, manifestBytes, policies } = deployment
  const dataDirectory = stage.path("enrolment-data")
  await mkdir(dataDirectory)
  const identity = hostData.get("coordinator") ?? ""
  const coordinator = await stage.startCoordinator({ dataDirectory, hostData: identity, logLevel: "info" })
  const owner = parseWorkloadOwnerKey((await stage.read("workload-owner.pem")).toString("utf8"))
  const connection = await connectAsUser(coordinator.userAddress, deployment.manifest, owner)
  const request = SetManifestRequest.fromPartial({ Manifest: manifestBytes, Policies: [...policies] })
  await connection.call(UserAPIService.setManifest, request)
  connection.close()
  return coordinator
}

function enrolment({ hostData }: Deployment, coordinator: Coordinator, key: ReturnType<typeof generateP256Key>) {
  const issuer = createInsecureIssuer({ hostData: decodeHex(hostData.get("web") ?? "") })
  const now = (): Date => new Date()
  return async (): Promise<void> => {
    const options = { address: coordinator.meshAddress, key, mode: "unverified", timeoutMs: 30_000, now } as const
    const connection = await connectAttested(options)
    try {
      const evidence = await connection.proveClient(issuer)
      const request = NewMeshCertRequest.fromPartial({ EvidenceType: evidence.oid, Document: evidence.document })
      await connection.call(MeshAPIService.newMeshCert, request)
    } finally {
      connection.close()
    }
  }
}

async function repeat(count: number, act: () => Promise<void>): Promise<void> {
  let left = count
  const worker = async (): Promise<void> => {
    while (left-- > 0) await act()
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, worker))
}
