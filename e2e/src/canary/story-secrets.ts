import { createPrivateKey } from "node:crypto"
import {
  createSeedEngine,
  openSeedShare,
  parseSeedShareDocument,
  parseSeedshareOwnerKey,
  parseWorkloadOwnerKey,
} from "@contrast/crypto"
import type { Scene } from "../story/scene.ts"
import { type Needle, needleOf, needleOfKey } from "./needle.ts"

/** Every secret of the story that can be known from outside: all but the mesh CA key, which never leaves the Coordinator. */
export async function storySecrets(scene: Scene): Promise<readonly Needle[]> {
  const read = async (name: string) => (await scene.stage.read(name)).toString("utf8")
  const owner = parseSeedshareOwnerKey(await read("seedshare-owner.pem"))
  const document = parseSeedShareDocument(await scene.stage.read("seed-shares.json"))
  const engine = createSeedEngine(openSeedShare(document, owner), document.salt)
  const pods = Object.entries(scene.pods)
  const secrets = await Promise.all(
    pods.map(async ([name, pod]) => needleOf(`secret of ${name}`, Buffer.from(await pod.secret(), "hex"))),
  )
  const keys = await Promise.all(
    pods.map(async ([name, pod]) =>
      needleOfKey(`key of ${name}`, createPrivateKey(await pod.read("contrast/tls-config/key.pem"))),
    ),
  )
  return [
    needleOf("seed", engine.seed),
    needleOfKey("root CA key", engine.rootCaKey),
    needleOfKey("transaction signing key", engine.transactionSigningKey),
    needleOfKey("workload owner key", parseWorkloadOwnerKey(await read("workload-owner.pem"))),
    needleOfKey("seed share owner key", owner),
    ...secrets,
    ...keys,
  ]
}
