import { createPublicKey } from "node:crypto"
import { rm } from "node:fs/promises"
import path from "node:path"
import { parseSeedshareOwnerKey, sha256 } from "@contrast/crypto"
import { signLatestTransition, verifyLatestTransition } from "@contrast/manifest"
import { UserAPIService, UserRecoverRequest } from "@contrast/protocol"
import { connectAsUser } from "@contrast/e2e"
import { type Deployment, startCoordinator } from "./deployment.ts"
import { type Figure, milliseconds, percentile, timeMs } from "./figure.ts"
import { writeHistory } from "./history-files.ts"

const GOAL_MS = 1000
const GOAL_TRANSITIONS = 10_000

/** How long a recovery takes by the length of the history, beside the one signature check that each of them needs. */
export async function measureRecovery(deployment: Deployment, lengths: readonly number[]): Promise<readonly Figure[]> {
  const checkMs = measureSignatureCheck(deployment)
  const figures: Figure[] = [{ name: "one check of a P-384 signature", value: milliseconds(checkMs) }]
  for (const length of lengths) {
    const beyondMs = (await recoverOnce(deployment, length)) - checkMs
    const goal = { text: `≤ ${GOAL_MS} ms beyond the check`, isMet: beyondMs <= GOAL_MS }
    figures.push({
      name: `recovery, ${length} transitions, beyond the check`,
      value: milliseconds(beyondMs),
      ...(length === GOAL_TRANSITIONS ? { goal } : {}),
    })
  }
  return figures
}

function measureSignatureCheck({ engine }: Deployment): number {
  const publicKey = createPublicKey(engine.transactionSigningKey)
  const latest = signLatestTransition(engine.transactionSigningKey, sha256(new Uint8Array()))
  const samples = Array.from({ length: 20 }, () => {
    const started = performance.now()
    verifyLatestTransition(publicKey, latest)
    return performance.now() - started
  })
  return percentile(samples, 0.5)
}

async function recoverOnce(deployment: Deployment, transitions: number): Promise<number> {
  const { stage, manifestBytes, policies, engine } = deployment
  const folder = stage.path("recovery-data")
  await writeHistory({ folder: path.join(folder, "history"), manifest: manifestBytes, policies, engine, transitions })
  const coordinator = await startCoordinator(deployment, folder)
  const owner = parseSeedshareOwnerKey((await stage.read("seedshare-owner.pem")).toString("utf8"))
  const connection = await connectAsUser(coordinator.userAddress, deployment.manifest, owner)
  const request = UserRecoverRequest.fromPartial({ Seed: engine.seed, Salt: engine.salt })
  const elapsedMs = await timeMs(() => connection.call(UserAPIService.recover, request))
  connection.close()
  await coordinator.stop()
  await rm(folder, { recursive: true })
  return elapsedMs
}
