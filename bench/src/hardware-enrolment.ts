import path from "node:path"
import { createInsecureIssuer, type Issuer, type Trust } from "@contrast/attestation"
import { COORDINATOR, DATABASE, manifestOn, Owner, playSnp, startPlayedCoordinator } from "@contrast/e2e"
import { createCredentials } from "./credentials.ts"
import { type Figure, milliseconds, timeMs } from "./figure.ts"
import { LeanClient } from "./lean-client.ts"

/** A platform on which workloads enrol. */
interface Platform {
  readonly name: string
  readonly referenceValues: object
  readonly trust: Trust
  readonly issuer: (hostData: Uint8Array) => Issuer
  readonly allowInsecure: boolean
}

/**
 * NewMeshCert with SEV-SNP evidence beside the insecure platform, one after the other and both ends in this process. The
 * time that the played processor takes to sign its report is taken off.
 */
export async function measureHardwareEnrolment(folder: string, count: number): Promise<readonly Figure[]> {
  const insecure: Platform = {
    name: "insecure",
    referenceValues: { snp: [{ Platform: "Metal-QEMU-Insecure" }] },
    trust: {},
    issuer: (hostData) => createInsecureIssuer({ hostData }),
    allowInsecure: true,
  }
  const [without, snp] = [
    await enrolOn(insecure, folder, count),
    await enrolOn({ ...playSnp(), allowInsecure: false }, folder, count),
  ]
  return [
    { name: "NewMeshCert on the insecure platform, both ends", value: milliseconds(without) },
    { name: "NewMeshCert with SEV-SNP evidence, both ends", value: milliseconds(snp) },
    { name: "  ratio", value: (without / snp).toFixed(2) },
  ]
}

/** Milliseconds for each enrolment. */
async function enrolOn(platform: Platform, folder: string, count: number): Promise<number> {
  const { referenceValues, trust, allowInsecure } = platform
  const coordinator = await startPlayedCoordinator(path.join(folder, `enrolment-${platform.name}`), {
    ...{ issuer: platform.issuer(COORDINATOR.hash), trust, allowInsecure },
  })
  try {
    await new Owner(manifestOn(referenceValues), trust).set(coordinator.userAddress)
    const issuer = new TimedIssuer(platform.issuer(DATABASE.hash))
    const port = Number(coordinator.meshAddress.split(":").at(-1))
    const client = new LeanClient(port, createCredentials(), issuer)
    const enrolAll = async (): Promise<void> => {
      for (let done = 0; done < count; done += 1) await client.enrol()
    }
    await enrolAll()
    const warmUpMs = issuer.elapsedMs
    const elapsedMs = await timeMs(enrolAll)
    return (elapsedMs - (issuer.elapsedMs - warmUpMs)) / count
  } finally {
    await coordinator.stop()
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
