import { createInsecureIssuer } from "@contrast/attestation"
import { decodeHex, parseWorkloadOwnerKey } from "@contrast/crypto"
import { connectAsUser, type Coordinator } from "@contrast/e2e"
import { SetManifestRequest, UserAPIService } from "@contrast/protocol"
import { BareTlsClient } from "./bare-tls-client.ts"
import { createCredentials } from "./credentials.ts"
import { type Deployment, startCoordinator } from "./deployment.ts"
import { type Figure, milliseconds } from "./figure.ts"
import { LeanClient } from "./lean-client.ts"
import { Stopwatch } from "./stopwatch.ts"
import { Yardstick } from "./yardstick.ts"

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

/**
 * How many workloads enrol in a second, each with its own connection, beside bare mutual TLS with the same keys, and beside
 * the same calls of a gRPC server that only answers: what lies between these two is gRPC's.
 */
export async function measureEnrolment(deployment: Deployment, options: EnrolmentOptions): Promise<readonly Figure[]> {
  const { rounds, perRound, total } = options
  const { folder } = deployment.stage
  const credentials = createCredentials()
  const coordinator = await startWithManifest(deployment)
  const bare = await Yardstick.start("bare-tls-server.ts", folder, credentials)
  const plain = await Yardstick.start("plain-grpc-server.ts", folder, credentials)
  const issuer = createInsecureIssuer({ hostData: decodeHex(deployment.hostData.get("web") ?? "") })
  const client = new LeanClient(coordinator.meshPort, credentials, issuer)
  const plainClient = new LeanClient(plain.port, credentials, issuer)
  const bareClient = new BareTlsClient(bare.port, credentials)
  const enrolling = { stopwatch: new Stopwatch(coordinator.service.pid), act: () => client.enrol() }
  const calling = { stopwatch: new Stopwatch(plain.pid), act: () => plainClient.enrol() }
  const greeting = { stopwatch: new Stopwatch(bare.pid), act: () => bareClient.handshake() }
  const contenders = [enrolling, calling, greeting]
  const memory = [await coordinator.residentBytes()]
  try {
    for (const { act } of contenders) await repeat(perRound, act)
    for (let round = 0; round < rounds; round += 1) {
      for (const { stopwatch, act } of contenders) await stopwatch.run(() => repeat(perRound, act))
      memory.push(await coordinator.residentBytes())
    }
    for (let done = (rounds + 1) * perRound; done < total; done += perRound) {
      await repeat(Math.min(perRound, total - done), enrolling.act)
      memory.push(await coordinator.residentBytes())
    }
  } finally {
    await Promise.all([bare.stop(), plain.stop(), coordinator.stop()])
  }
  const [enrolment, call, greet] = [enrolling.stopwatch, calling.stopwatch, greeting.stopwatch]
  return [...throughput(rounds * perRound, { enrolment, call, greet }), ...growth(memory, total)]
}

function throughput(
  count: number,
  { enrolment, call, greet }: Readonly<Record<"enrolment" | "call" | "greet", Stopwatch>>,
): readonly Figure[] {
  const ratio = greet.elapsedMs / enrolment.elapsedMs
  const perSecond = ({ elapsedMs }: Stopwatch) => `${((count * 1000) / elapsedMs).toFixed(0)} /s`
  const processor = ({ processorMs }: Stopwatch) => milliseconds(processorMs / count)
  return [
    { name: "NewMeshCert with its handshake", value: perSecond(enrolment) },
    { name: "its calls to a gRPC server that only answers", value: perSecond(call) },
    { name: "bare mutual TLS, same keys", value: perSecond(greet) },
    { name: "ratio", value: ratio.toFixed(2), goal: { text: `≥ ${RATIO_GOAL}`, isMet: ratio >= RATIO_GOAL } },
    { name: "ratio of the gRPC server that only answers", value: (greet.elapsedMs / call.elapsedMs).toFixed(2) },
    { name: "processor time of the Coordinator for each", value: processor(enrolment) },
    { name: "processor time of the gRPC server for each", value: processor(call) },
    { name: "processor time of the bare server for each", value: processor(greet) },
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

async function repeat(count: number, act: () => Promise<void>): Promise<void> {
  let left = count
  const worker = async (): Promise<void> => {
    while (left-- > 0) await act()
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, worker))
}
