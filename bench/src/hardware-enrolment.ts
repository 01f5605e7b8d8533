import { createInsecureIssuer, type Issuer } from "@contrast/attestation"
import { decodeHex } from "@contrast/crypto"
import {
  generated,
  insecurePlatform,
  KERNEL_DIRECTORY,
  type Platform,
  PlayedMachine,
  playSnp,
  succeeded,
} from "@contrast/e2e"
import { createTsmIssuer } from "@contrast/tsm"
import { createCredentials } from "./credentials.ts"
import { type Figure, milliseconds, timeMs } from "./figure.ts"
import { LeanClient } from "./lean-client.ts"

/** What attests a workload whose host was given this policy hash. */
type IssuerOf = (hostData: Uint8Array) => Issuer

/**
 * NewMeshCert with SEV-SNP evidence beside the insecure platform, one after the other. The time that the played processor
 * takes to sign its report is taken off.
 */
export async function measureHardwareEnrolment(count: number): Promise<readonly Figure[]> {
  const hardware = playSnp()
  const machine = await PlayedMachine.start(hardware)
  try {
    const without = await enrolOn(insecurePlatform, (hostData) => createInsecureIssuer({ hostData }), count)
    const snp = await enrolOn(
      machine.platform,
      (hostData) =>
        createTsmIssuer({
          ...{ platform: "snp", directory: KERNEL_DIRECTORY, files: hardware.kernel(hostData) },
          now: () => new Date(),
        }),
      count,
    )
    return [
      { name: "NewMeshCert on the insecure platform, both ends", value: milliseconds(without) },
      { name: "NewMeshCert with SEV-SNP evidence, both ends", value: milliseconds(snp) },
      { name: "  ratio", value: (without / snp).toFixed(2) },
    ]
  } finally {
    await machine.close()
  }
}

/** Milliseconds for each enrolment. */
async function enrolOn(platform: Platform, issuerOf: IssuerOf, count: number): Promise<number> {
  const scene = await generated({ platform })
  try {
    await scene.startCoordinator({ logLevel: "info" })
    succeeded(await scene.contrast("set", "resources"))
    const issuer = new TimedIssuer(issuerOf(decodeHex(scene.identityOf("web"))))
    const client = new LeanClient(scene.coordinator.meshPort, createCredentials(), issuer)
    const enrolAll = async (): Promise<void> => {
      for (let done = 0; done < count; done += 1) await client.enrol()
    }
    await enrolAll()
    const warmUpMs = issuer.elapsedMs
    const elapsedMs = await timeMs(enrolAll)
    return (elapsedMs - (issuer.elapsedMs - warmUpMs)) / count
  } finally {
    await scene.stage.close()
  }
}

/** Adds up what its issuer takes. */
class TimedIssuer implements Issuer {
  readonly #issuer: Issuer
  elapsedMs = 0

  constructor(issuer: Issuer) {
    this.#issuer = issuer
  }

  get oid(): string {
    return this.#issuer.oid
  }

  async issue(reportData: Uint8Array): ReturnType<Issuer["issue"]> {
    const started = performance.now()
    const evidence = await this.#issuer.issue(reportData)
    this.elapsedMs += performance.now() - started
    return evidence
  }
}
