import { readdir, readFile, writeFile } from "node:fs/promises"
import path from "node:path"
import { parseCertificatesPem, type Certificate } from "@contrast/crypto"
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals"
import { findMissing } from "../src/external-tool.ts"
import { takeEvidence } from "../src/hardware/evidence.ts"
import { PlayedMachine } from "../src/hardware/machine.ts"
import { playSnp } from "../src/hardware/snp.ts"
import { playTdx } from "../src/hardware/tdx.ts"
import { repository, runProgram } from "../src/program.ts"
import { Stage } from "../src/stage.ts"
import { Scene, succeeded } from "../src/story/scene.ts"
import type { Step } from "../src/story/step.ts"
import { story } from "../src/story/story.ts"

const LIMIT_MS = 60_000
const OTHER_DIGEST = "5a".repeat(48)

/** What a program says in JSON of evidence that it judged. */
interface Verdict {
  readonly accepted: boolean
  readonly checks: readonly { readonly id: string; readonly outcome: string }[]
}

// The demo's story, step by step, by the whole programs in processes of their own. All that differs from the shipped ones
// is an argument: the roots of a vendor that is played, and the kernel that its evidence comes from.
describe.each([
  // What the played vendor serves is not taken for the vendor's; a quote brings its certificates itself.
  { hardware: playSnp(), forged: "SNP_VEK_MISSING", measured: ["TrustedMeasurement", "SNP_MEASUREMENT"] },
  { hardware: playTdx(), forged: "PCK_CHAIN_ROOT", measured: ["MrTd", "TD_MRTD"] },
] as const)("the main job on $hardware.name", ({ hardware, forged, measured: [measurement, refusal] }) => {
  let machine: PlayedMachine
  let stage: Stage
  let scene: Scene

  beforeAll(async () => {
    machine = await PlayedMachine.start(hardware)
    stage = await Stage.open({ platform: machine.platform })
    scene = new Scene(stage)
  })
  afterAll(async () => {
    await stage.close()
    await machine.close()
  })

  const play = async (step: Step): Promise<void> => {
    await step.act(scene)
  }
  const atCoordinator = (...args: string[]) => stage.contrast(...args, "--coordinator", scene.coordinator.userAddress)

  for (const chapter of story) {
    describe(chapter.title, () => {
      for (const step of chapter.steps) {
        const missing = findMissing(step.needs)
        const title = missing === undefined ? step.title : `${step.title} (${missing})`
        const run = missing === undefined ? test : test.skip
        run(title, () => play(step), LIMIT_MS)
      }
    })
  }

  describe("what was attested", () => {
    test(
      "stands in the certificate of a workload",
      async () => {
        const pod = scene.newPod("web")

        succeeded(await pod.initialize(scene.coordinator.meshAddress))

        const [leaf] = parseCertificatesPem(await pod.read("contrast/tls-config/certChain.pem"))
        const claims = claimsIn(leaf, hardware.claimsOid)
        expect(claims.length).toBeGreaterThan(30)
        expect(claims.some(({ value }) => holds(value, pod.hostData))).toBe(true)
      },
      LIMIT_MS,
    )

    test(
      "is what verify tells, in JSON",
      async () => {
        const { exitCode, stdout } = await atCoordinator("verify", "--output", "json")

        const { verdict } = JSON.parse(stdout) as { verdict: Verdict }
        expect(exitCode).toBe(0)
        expect(verdict).toMatchObject({ version: 1, platform: hardware.technology, accepted: true })
        expect(verdict.checks.every(({ outcome }) => outcome === "pass")).toBe(true)
      },
      LIMIT_MS,
    )

    test(
      "is explained by attest inspect, for people and in JSON",
      async () => {
        const kernel = hardware.kernel(Buffer.from(scene.identityOf("web"), "hex"))
        await writeFile(stage.path("evidence.bin"), await takeEvidence(kernel))
        const inspect = ["attest", "inspect", "evidence.bin", "--manifest", "manifest.json"]

        const told = await stage.contrast(...inspect)
        const { exitCode, stdout } = await stage.contrast(...inspect, "--output", "json")

        expect(told).toMatchObject({
          exitCode: 0,
          stdout: expect.stringMatching(/^Verdict by .*: ACCEPTED, report data not compared$/m),
        })
        expect(exitCode).toBe(0)
        expect(JSON.parse(stdout)).toMatchObject({ platform: hardware.technology, verdict: { accepted: true } })
      },
      LIMIT_MS,
    )
  })

  describe("what is not as the manifest says", () => {
    test(
      "is refused by set, which tells what was expected, what came, and the manifest's line",
      async () => {
        await writeOtherManifest()

        const { exitCode, stderr } = await atCoordinator("set", "--manifest", "other.json", "resources")

        expect(exitCode).toBe(3)
        expect(stderr).toMatch(
          new RegExp(
            `^ {2}other\\.json:\\d+:\\d+: .*${measurement}: .*expected ${OTHER_DIGEST}, got .* \\(${refusal}\\)$`,
            "m",
          ),
        )
      },
      LIMIT_MS,
    )

    test(
      "is refused by verify, which gives the verdict in JSON",
      async () => {
        await writeOtherManifest()

        const { exitCode, stdout } = await atCoordinator("verify", "--manifest", "other.json", "--output", "json")

        expect(exitCode).toBe(3)
        expect(failuresIn(stdout)).toContain(refusal)
      },
      LIMIT_MS,
    )

    test(
      "is refused by the shipped program from the vendor on: it has no other roots",
      async () => {
        const args = ["verify", "--coordinator", scene.coordinator.userAddress, "--output", "json"]

        const { exitCode, stdout } = await runProgram({
          ...{ program: "contrast", args, cwd: stage.folder },
          env: { ...machine.platform.env },
        })

        expect(exitCode).toBe(3)
        expect(failuresIn(stdout)).toContain(forged)
      },
      LIMIT_MS,
    )

    test(
      "is refused by a Coordinator without the played roots",
      async () => {
        await scene.coordinator.stop()
        await scene.startCoordinator({ env: { PLAYED_ROOTS: "" } })
        succeeded(await scene.contrast("recover"))

        const initializer = await scene.newPod("web").startInitializer(scene.coordinator.meshAddress)
        await initializer.waitForOutput(new RegExp(forged))
        await initializer.stop()
      },
      LIMIT_MS,
    )
  })

  async function writeOtherManifest(): Promise<void> {
    const text = await readFile(stage.path("manifest.json"), "utf8")
    const other = text.replace(new RegExp(`("${measurement}": )"[0-9a-f]{96}"`), `$1"${OTHER_DIGEST}"`)
    await writeFile(stage.path("other.json"), other)
  }
})

test.each(["cli", "coordinator", "initializer"])("%s is shipped with nothing passed to it", async (app) => {
  const main = await readFile(path.join(repository, "apps", app, "src/main.ts"), "utf8")

  expect(main.match(/\bstart\(.*?\)/g)).toEqual(["start()"])
})

test("no program passes roots: their sources do not even name them", async () => {
  const folders = ["apps/cli/src", "apps/coordinator/src", "apps/initializer/src", "packages/collateral/src"]
  const naming: string[] = []
  for (const folder of folders) {
    for (const file of await readdir(path.join(repository, folder), { recursive: true, withFileTypes: true })) {
      if (!file.name.endsWith(".ts")) continue
      const place = path.join(file.parentPath, file.name)
      const text = await readFile(place, "utf8")
      if (/\b(amdRoots|intelRoot|test-authority|PLAYED_\w+)\b/.test(text)) naming.push(place)
    }
  }

  expect(naming).toEqual([])
})

function claimsIn(leaf: Certificate, oid: string) {
  return leaf.extensions.filter((extension) => extension.oid.startsWith(`${oid}.`))
}

function holds(value: Uint8Array, hex: string): boolean {
  return Buffer.from(value).includes(Buffer.from(hex, "hex"))
}

/** The checks that failed, of a command that was refused. */
function failuresIn(stdout: string): readonly string[] {
  const { error } = JSON.parse(stdout) as { error: { code: string; verdicts: readonly Verdict[] } }
  expect(error.code).toBe("ATTESTATION")
  return error.verdicts.flatMap(({ checks }) => checks.filter(({ outcome }) => outcome === "fail").map(({ id }) => id))
}
