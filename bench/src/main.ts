/** Measures what the project promises about speed and memory, and prints a table with the goals. `--quick` measures less. */
import { findMissing, provideParts } from "@contrast/e2e"
import { measureAttestation } from "./attestation.ts"
import { measureColdStart } from "./cold-start.ts"
import { prepareDeployment } from "./deployment.ts"
import { measureEnrolment } from "./enrolment.ts"
import { type Figure, printFigures } from "./figure.ts"
import { measureHardwareEnrolment } from "./hardware-enrolment.ts"
import { measureRecovery } from "./recovery.ts"
import { measureSet } from "./set-latency.ts"
import { measureTransit } from "./transit.ts"
import { measureVolumes } from "./volumes.ts"

const quick = process.argv.includes("--quick")
const deployment = await prepareDeployment()
try {
  const figures: Figure[] = []
  const section = async (name: string, measure: () => Promise<readonly Figure[]>): Promise<void> => {
    console.error(`measuring ${name} …`)
    figures.push(...(await measure()))
  }
  const enrolment = quick ? { rounds: 4, perRound: 100, total: 1000 } : { rounds: 10, perRound: 500, total: 20_000 }
  await section("enrolment", () => measureEnrolment(deployment, enrolment))
  await section("set", () => measureSet(deployment, quick ? 50 : 500))
  await section("recovery", () => measureRecovery(deployment, [1, 1000, 10_000]))
  await section("cold start", () => measureColdStart(quick ? 11 : 51))
  await section("attestation", () => measureAttestation(quick ? 100 : 1000))
  await section("enrolment with hardware evidence", () => measureHardwareEnrolment(quick ? 50 : 300))
  const missing = findMissing("bao") ?? findMissing("vegeta")
  if (missing === undefined) await section("transit", () => measureTransit(deployment, { seconds: quick ? 2 : 10 }))
  else console.error(`transit ${missing}`)
  const parts = await provideParts()
  if (typeof parts === "string") console.error(`volumes skipped: ${parts}`)
  else await section("volumes", () => measureVolumes(parts, quick ? 1 : 3))
  printFigures(figures)
  process.exitCode = figures.every((figure) => figure.goal?.isMet ?? true) ? 0 : 1
} finally {
  await deployment.stage.close()
}
