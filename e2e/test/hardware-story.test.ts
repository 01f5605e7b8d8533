import { mkdtemp, readdir, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { NO_COLLATERAL, type Trust } from "@contrast/attestation"
import { openSeedShare, parseCertificatesPem, type Certificate } from "@contrast/crypto"
import type { SetManifestResponse } from "@contrast/protocol"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import { enroll } from "../../apps/initializer/src/enroll.ts"
import type { Credentials } from "../../apps/initializer/src/files.ts"
import { startPlayedCoordinator, type PlayedCoordinator } from "../src/hardware/coordinator.ts"
import { COORDINATOR, DATABASE, manifestOn, seedshareOwner, STRANGER } from "../src/hardware/manifest.ts"
import { Owner } from "../src/hardware/owner.ts"
import { playSnp } from "../src/hardware/snp.ts"
import { playTdx } from "../src/hardware/tdx.ts"
import { repository } from "../src/program.ts"

const LIMIT_MS = 30_000
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }

describe.each([
  { platform: playSnp(), firstRefusal: "SNP_VEK_SIGNATURE" },
  { platform: playTdx(), firstRefusal: "PCK_CHAIN_ROOT" },
])("the main job on $platform.name", ({ platform, firstRefusal }) => {
  const { claimsOid, referenceValues, trust } = platform
  const owner = new Owner(manifestOn(referenceValues), trust)
  /** All that the programs judge with: statements from anywhere, and the roots that are compiled in. */
  const collateral = trust.collateral ?? NO_COLLATERAL
  const shippedTrust: Trust = { collateral }
  let folder: string
  let coordinator: PlayedCoordinator
  let set: SetManifestResponse
  let before: Credentials

  const start = async (judgedWith = trust): Promise<void> => {
    const evidence = platform.issuer(COORDINATOR.hash)
    coordinator = await startPlayedCoordinator(path.join(folder, "data"), { issuer: evidence, trust: judgedWith })
  }
  /** One attempt, with what the Coordinator said to it. */
  const enrollAs = async (hostData: Uint8Array): Promise<Credentials | string> => {
    const stopping = new AbortController()
    let refusal = ""
    const log = {
      ...silent,
      warn: (_event: string, fields: { readonly reason?: string | number | undefined } = {}) => {
        refusal = String(fields.reason)
        stopping.abort()
      },
    }
    const options = { coordinator: coordinator.meshAddress, stop: stopping.signal, log }
    return enroll({ ...options, issuer: () => Promise.resolve(platform.issuer(hostData)) }).catch(() => refusal)
  }
  const enrolled = async (hostData: Uint8Array): Promise<Credentials> => {
    const outcome = await enrollAs(hostData)
    if (typeof outcome === "string") throw new Error(outcome)
    return outcome
  }

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "contrast-hardware-"))
    await start()
  })
  afterAll(async () => {
    await coordinator.stop()
    await rm(folder, { recursive: true })
  })

  test(
    "who trusts the real vendors alone sends nothing to it",
    async () => {
      const stranger = new Owner(manifestOn(referenceValues), shippedTrust)

      await expect(stranger.set(coordinator.userAddress)).rejects.toMatchObject({ code: "ATTESTATION" })
      await expect(owner.verify(coordinator.userAddress)).rejects.toThrow(/no manifest/)
    },
    LIMIT_MS,
  )

  test(
    "set attests the Coordinator and hands it the manifest",
    async () => {
      set = await owner.set(coordinator.userAddress)

      expect(set.SeedSharesDoc?.SeedShares).toHaveLength(1)
    },
    LIMIT_MS,
  )

  test(
    "verify attests it and finds the manifest in force",
    async () => {
      const { Manifests } = await owner.verify(coordinator.userAddress)

      expect(Manifests.map((manifest) => Buffer.from(manifest).toString())).toEqual([
        Buffer.from(manifestOn(referenceValues)).toString(),
      ])
    },
    LIMIT_MS,
  )

  test(
    "a workload attests and gets a certificate with what was attested, and its secret",
    async () => {
      before = await enrolled(DATABASE.hash)

      const [leaf] = parseCertificatesPem(before.certificateChain)
      expect(claimsIn(leaf, claimsOid).length).toBeGreaterThan(30)
      expect(claimsIn(leaf, claimsOid).some(({ value }) => holds(value, DATABASE.hash))).toBe(true)
      expect(before.workloadSecret).toHaveLength(64)
    },
    LIMIT_MS,
  )

  test(
    "a workload whose policy the manifest does not name gets none",
    async () => {
      expect(await enrollAs(STRANGER.hash)).toMatch(/policy hash [0-9a-f]{64} not found in manifest/)
    },
    LIMIT_MS,
  )

  test(
    "after a loss the seed share recovers it, and the workload's secret is the same",
    async () => {
      await coordinator.stop()
      await start()
      expect(await enrollAs(DATABASE.hash)).toMatch(/needs recovery/)
      const { SeedShares = [], salt = new Uint8Array(0) } = set.SeedSharesDoc ?? {}
      const seedShares = SeedShares.map(({ PublicKey, EncryptedSeed }) => ({
        publicKey: PublicKey,
        encryptedSeed: EncryptedSeed,
      }))

      await owner.recover(coordinator.userAddress, {
        seed: openSeedShare({ seedShares, salt }, seedshareOwner),
        salt,
      })

      const after = await enrolled(DATABASE.hash)
      expect(after.workloadSecret).toEqual(before.workloadSecret)
      expect(rootKeyOf(after)).toEqual(rootKeyOf(before))
    },
    LIMIT_MS,
  )

  test(
    "a Coordinator with the trust of the program refuses the played vendor's evidence",
    async () => {
      await coordinator.stop()
      await rm(path.join(folder, "data"), { recursive: true })
      await start(shippedTrust)
      await owner.set(coordinator.userAddress)

      expect(await enrollAs(DATABASE.hash)).toContain(firstRefusal)
    },
    LIMIT_MS,
  )
})

test("no program passes roots: their sources do not even name them", async () => {
  const folders = ["apps/cli/src", "apps/coordinator/src", "apps/initializer/src", "packages/collateral/src"]
  const naming: string[] = []
  for (const folder of folders) {
    for (const file of await readdir(path.join(repository, folder), { recursive: true, withFileTypes: true })) {
      if (!file.name.endsWith(".ts")) continue
      const place = path.join(file.parentPath, file.name)
      if (/\b(amdRoots|intelRoot|test-authority)\b/.test(await readFile(place, "utf8"))) naming.push(place)
    }
  }

  expect(naming).toEqual([])
})

/** The root's key lasts; its certificate is issued anew. */
function rootKeyOf({ rootCa }: Credentials): Uint8Array {
  return parseCertificatesPem(rootCa)[0].subjectPublicKeyInfo
}

function claimsIn(leaf: Certificate, oid: string) {
  return leaf.extensions.filter((extension) => extension.oid.startsWith(`${oid}.`))
}

function holds(value: Uint8Array, part: Uint8Array): boolean {
  return Buffer.from(value).includes(Buffer.from(part))
}
