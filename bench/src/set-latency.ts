import { parseWorkloadOwnerKey } from "@contrast/crypto"
import { SetManifestRequest, UserAPIService } from "@contrast/protocol"
import { connectAsUser } from "@contrast/e2e"
import { type Deployment, startCoordinator } from "./deployment.ts"
import { type Figure, milliseconds, percentile, timeMs } from "./figure.ts"

/** How long an update of the manifest takes, every write durable, over one attested connection. */
export async function measureSet(deployment: Deployment, updates: number): Promise<readonly Figure[]> {
  const { stage, manifestBytes, policies } = deployment
  const coordinator = await startCoordinator(deployment, stage.path("set-data"))
  const owner = parseWorkloadOwnerKey((await stage.read("workload-owner.pem")).toString("utf8"))
  const connection = await connectAsUser(coordinator.userAddress, deployment.manifest, owner)
  const request = SetManifestRequest.fromPartial({ Manifest: manifestBytes, Policies: [...policies] })
  const samples: number[] = []
  for (let update = 0; update < updates; update += 1) {
    samples.push(await timeMs(() => connection.call(UserAPIService.setManifest, request)))
  }
  connection.close()
  await coordinator.stop()
  const [p50, p99] = [percentile(samples, 0.5), percentile(samples, 0.99)]
  return [
    { name: `SetManifest, p50 of ${updates}`, value: milliseconds(p50) },
    { name: `SetManifest, p99 of ${updates}`, value: milliseconds(p99) },
  ]
}
