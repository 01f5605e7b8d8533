import { encodeUtf8, type SeedShareDocument } from "@contrast/crypto"
import type { AttestedServer } from "@contrast/atls"
import { MAX_POLICIES } from "@contrast/manifest"
import {
  boundedUserApi,
  type GetManifestsResponse,
  type SeedShareDocument as SeedShareMessage,
  type UserAPIServer,
} from "@contrast/protocol"
import { MAX_HISTORY_BYTES } from "../history/history.ts"
import type { Coordinator } from "../state/coordinator.ts"
import { historyBytes, type ManifestHistory, readManifestHistory } from "../state/manifest-history.ts"
import { recover } from "../state/recovery.ts"
import { setManifest } from "../state/set-manifest.ts"
import { AnswerBudget } from "./answer-budget.ts"
import { observedCall, type Observer } from "./observed-call.ts"

const SERVICE = "edgelesssys.contrast.userapi.UserAPI"

/** Anybody may ask for the history, as often as they like; so much of it is on its way at a time. */
const MAX_HISTORIES_BYTES = MAX_HISTORY_BYTES

/** Adds the API for the people around a deployment. */
export function addUserApi(server: AttestedServer, coordinator: Coordinator, observer: Observer): void {
  const budget = new AnswerBudget(MAX_HISTORIES_BYTES)
  const api: UserAPIServer = {
    setManifest: observedCall(observer, { service: SERVICE, method: "SetManifest" }, async (call) => {
      const { Manifest, Policies, PreviousTransitionHash, Signature } = call.request
      const { state, seedShares } = await setManifest(coordinator, {
        manifestBytes: Manifest,
        policies: Policies,
        previousTransitionHash: PreviousTransitionHash,
        signature: Signature,
        clientKey: server.session(call).clientCertificate?.publicKey,
      })
      const { rootCaPem, meshCaPem } = state.authority
      return {
        RootCA: encodeUtf8(rootCaPem),
        MeshCA: encodeUtf8(meshCaPem),
        SeedSharesDoc: seedShares && encodeSeedShares(seedShares),
      }
    }),
    getManifests: observedCall(observer, { service: SERVICE, method: "GetManifests" }, (call) => {
      const answered = { peer: call.getPeer(), ended: server.ended(call) }
      return budget.answer(historyBytes(coordinator), answered, async (signal) =>
        encodeHistory(await readManifestHistory(coordinator, signal)),
      )
    }),
    recover: observedCall(observer, { service: SERVICE, method: "Recover" }, async (call) => {
      const { Seed, Salt, Force, ExpectedTransitionHash } = call.request
      await recover(coordinator, {
        seed: Seed,
        salt: Salt,
        force: Force,
        expectedTransitionHash: ExpectedTransitionHash,
        clientKey: server.session(call).clientCertificate?.publicKey,
      })
      return {}
    }),
  }
  server.addService(boundedUserApi(MAX_POLICIES), api)
}

function encodeHistory({ state, manifests, policies }: ManifestHistory): GetManifestsResponse {
  const { rootCaPem, meshCaPem } = state.authority
  return {
    Manifests: [...manifests],
    Policies: [...policies],
    RootCA: encodeUtf8(rootCaPem),
    MeshCA: encodeUtf8(meshCaPem),
    LatestTransition: { TransitionHash: state.latest.transitionHash, Signature: state.latest.signature },
  }
}

function encodeSeedShares({ seedShares, salt }: SeedShareDocument): SeedShareMessage {
  return {
    SeedShares: seedShares.map(({ publicKey, encryptedSeed }) => ({
      PublicKey: publicKey,
      EncryptedSeed: encryptedSeed,
    })),
    salt,
  }
}
