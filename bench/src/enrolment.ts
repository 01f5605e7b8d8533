import type { KeyObject } from "node:crypto"
import { createInsecureIssuer } from "@contrast/attestation"
import { decodeHex, generateP256Key, parseWorkloadOwnerKey } from "@contrast/crypto"
import { connectAsUser, type Coordinator } from "@contrast/e2e"
import { SetManifestRequest, UserAPIService } from "@contrast/protocol"
import { BareTls } from "./bare-tls.ts"
import { type Deployment, startCoordinator } from "./deployment.ts"
import { type Figure, milliseconds } from "./figure.ts"
import { LeanClient } from "./lean-client.ts"
import { Stopwatch } from "./stopwatch.ts"

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
  const { rounds, perRound, total } = options
  const coordinator = await startWithManifest(deployment)
  const key = generateP256Key()
  const bare = await BareTls.start(deployment.stage.folder, key)
  const client = createClient(deployment, coordinator, key)
  const memory = [await coordinator.residentBytes()]
  const enrolling = new Stopwatch(coordinator.service.pid)
  const greeting = new Stopwatch(bare.pid)
  try {
    await repeat(perRound, () => client.enrol())
    await repeat(perRound, () => bare.handshake())
    for (let round = 0; round < rounds; round += 1) {
      await enrolling.run(() => repeat(perRound, () => client.enrol()))
      await greeting.run(() => repeat(perRound, () => bare.handshake()))
      memory.push(await coordinator.residentBytes())
    }
    for (let done = (rounds + 1) * perRound; done < total; done += perRound) {
      await repeat(Math.min(perRound, total - done), () => client.enrol())
      memory.push(await coordinator.residentBytes())
    }
  } finally {
    await bare.stop()
    await coordinator.stop()
  }
  return [...throughput(rounds * perRound, enrolling, greeting), ...growth(memory, total)]
}

function throughput(count: number, enrolling: Stopwatch, greeting: Stopwatch): readonly Figure[] {
  const ratio = greeting.elapsedMs / enrolling.elapsedMs
  const perSecond = ({ elapsedMs }: Stopwatch) => `${((count * 1000) / elapsedMs).toFixed(0)} /s`
  const processor = ({ processorMs }: Stopwatch) => milliseconds(processorMs / count)
  return [
    { name: "NewMeshCert with its handshake", value: perSecond(enrolling) },
    { name: "bare mutual TLS, same keys", value: perSecond(greeting) },
    { name: "ratio", value: ratio.toFixed(2), goal: { text: `≥ ${RATIO_GOAL}`, isMet: ratio >= RATIO_GOAL } },
    { name: "processor time of the Coordinator for each", value: processor(enrolling) },
    { name: "processor time of the bare server for each", value: processor(greeting) },
  ]
}

/** Memory is flat if the last quarter of the run needs no more than the second one; the first warms up. */
function growth(memory: readonly number[], total: number): readonly Figure[] {
  const quarter = Math.floor(memory.length / 4)
  const peak = (from: number) => Math.max(...memory.slice(from * quarter, (from + 1) * quarter))
  const ratio = peak(3) / peak(1)
  const mebibytes = (bytes: number | undefined) => `${((bytes ?? 0) / 2 ** 20).toFixed(0)} MiB`
  const goal = { text: `≤ ${GROWTH_GOAL}`, isMet: ratio <= GROWTH_GOAL }
  return [
    { name: "resident memory at the start", value: mebibytes(memory[0]) },
    { name: `resident memory after ${total} enrolments`, value: mebibytes(memory.at(-1)) },
    { name: "last quarter over second quarter", value: ratio.toFixed(2), goal },
  ]
}

async function startWithManifest(deployment: Deployment): Promise<Coordinator> {
  const { stage, manifest, manifestBytes, policies } = deployment
  const coordinator = await startCoordinator(deployment, stage.path("enrolment-data"))
  const owner = parseWorkloadOwnerKey((await stage.read("workload-owner.pem")).toString("utf8"))
  const connection = await connectAsUser(coordinator.userAddress, manifest, owner)
  const request = SetManifestRequest.fromPartial({ Manifest: manifestBytes, Policies: [...policies] })
  await connection.call(UserAPIService.setManifest, request)
  connection.close()
  return coordinator
}

function createClient({ hostData }: Deployment, coordinator: Coordinator, key: KeyObject): LeanClient {
  const issuer = createInsecureIssuer({ hostData: decodeHex(hostData.get("web") ?? "") })
  return new LeanClient({ port: coordinator.meshPort, key, issuer })
}

async function repeat(count: number, act: () => Promise<void>): Promise<void> {
  let left = count
  const worker = async (): Promise<void> => {
    while (left-- > 0) await act()
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, worker))
}
