import { enroll } from "./enroll.ts"
import { setFirst, startEmpty, verifyFirst } from "./first-manifest.ts"
import { generate, generateAgain } from "./generate.ts"
import { envoys, mutualTls } from "./mesh.ts"
import { crash, recover, refuseRollback, refuseTampered, refuseWrongKey, refuseWrongSeed } from "./recovery.ts"
import type { Step } from "./step.ts"
import { refuseLeftOver, setSecond, setSigned } from "./update.ts"

export interface Chapter {
  readonly title: string
  readonly steps: readonly Step[]
}

/** The main job, end to end; each step builds on those before it. */
export const story: readonly Chapter[] = [
  { title: "Prepare the deployment", steps: [generate, generateAgain] },
  { title: "Set the first manifest", steps: [startEmpty, setFirst, verifyFirst] },
  { title: "Start the workloads", steps: [enroll, mutualTls, envoys] },
  { title: "Change the manifest", steps: [setSecond, setSigned, refuseLeftOver] },
  {
    title: "Lose the Coordinator and recover",
    steps: [crash, refuseWrongKey, refuseWrongSeed, refuseTampered, refuseRollback, recover],
  },
]
