import { afterAll, beforeAll, expect, test } from "@jest/globals"
import { readFile, writeFile } from "node:fs/promises"
import { type Coordinator, readHostData, Stage } from "../src/index.ts"
import { ended, launch, mounted, type Start, stopped, untilMounted } from "../volumes/initializer.ts"
import { Lab } from "../volumes/lab.ts"
import { HOST_ADDRESS } from "../volumes/machine.ts"
import { describeWithMachine } from "../volumes/suite.ts"

const DEFAULT_DENY = "INPUT -m conntrack ! --ctstate ESTABLISHED,RELATED -j DROP"
const SECURE_PV = 'contrast.edgeless.systems/secure-pv: "disk:state"'
const SECRET_ID = "contrast.edgeless.systems/workload-secret-id: another"

describeWithMachine("the volume of a database from the Coordinator's secret", (parts) => {
  let lab: Lab
  let stage: Stage
  let coordinator: Coordinator
  let identities: ReadonlyMap<string, string>

  const contrast = async (...args: readonly string[]) => {
    const { exitCode, stderr } = await stage.contrast(...args)
    if (exitCode !== 0) throw new Error(stderr)
  }

  const generate = async () => {
    await contrast("generate", "--INSECURE", "--reference-values", "Metal-QEMU-Insecure", "resources")
    identities = await readHostData(stage.path("resources"))
  }

  const set = () => contrast("set", "--coordinator", coordinator.userAddress, "resources")

  const startCoordinator = () =>
    stage.startCoordinator({ dataDirectory: stage.path("data"), hostData: identities.get("coordinator") ?? "" })

  /** The Initializer as `generate` configures it for a volume. */
  const database = (): Start => ({
    args: ["--insecure-host-data", identities.get("db") ?? ""],
    environment: {
      COORDINATOR_HOST: `${HOST_ADDRESS}:${coordinator.meshPort}`,
      CRYPTSETUP_DEVICE: "/dev/vda",
      CONTRAST_SERVICE_MESH_DISABLED: "true",
    },
  })

  const editDatabase = async (from: string, to: string) => {
    const file = stage.path("resources", "db.yml")
    await writeFile(file, (await readFile(file, "utf8")).replace(from, to))
  }

  beforeAll(async () => {
    stage = await Stage.open()
    await generate()
    coordinator = await startCoordinator()
    await set()
    lab = await Lab.open(parts, [256])
  })

  afterAll(async () => {
    await lab.close()
    await stage.close()
  })

  test("is made and mounted by one start of the Initializer, which also opens the workload's ports", async () => {
    await lab.machine.script(`iptables-legacy -I ${DEFAULT_DENY}`)

    await mounted(lab.machine, database())

    const seen = await lab.machine.script(
      "echo ours > /state/file; sync; iptables-legacy -S INPUT; ls /contrast/tls-config /contrast/secrets",
    )
    expect(seen).toBe(
      "-P INPUT ACCEPT\n/contrast/secrets:\nworkload-secret-seed\n\n/contrast/tls-config:\n" +
        "certChain.pem\ncoordinator-root-ca.pem\nkey.pem\nmesh-ca.pem\n",
    )
  })

  test("shows the same data after the power failed here and the Coordinator was lost and recovered there", async () => {
    await lab.powerOff()
    await coordinator.crash()
    coordinator = await startCoordinator()
    await lab.boot()

    const waiting = launch(lab.machine, database())
    await contrast("recover", "--coordinator", coordinator.userAddress)
    const sidecar = await untilMounted(lab.machine, waiting)
    const file = await lab.machine.script("cat /state/file")
    await stopped(sidecar)

    expect(file).toBe("ours\n")
  })

  test("is held by a restarted Initializer though the Coordinator is down, and taken off when it is stopped", async () => {
    const killed = await mounted(lab.machine, database())
    killed.kill("SIGKILL")
    await killed.result
    const down = { ...database(), environment: { ...database().environment, COORDINATOR_HOST: `${HOST_ADDRESS}:1` } }

    const sidecar = await mounted(lab.machine, down)
    const file = await lab.machine.script("cat /state/file")
    const ending = await stopped(sidecar)

    expect(file).toBe("ours\n")
    expect(ending).toMatchObject({ exitCode: 0 })
    expect(ending.log).toContain("no certificate yet")
    expect(await lab.machine.script("dmsetup ls; cat /proc/mounts")).not.toContain("/state")
  })

  test("is held by a restarted Initializer, which renews the certificates meanwhile", async () => {
    const killed = await mounted(lab.machine, database())
    killed.kill("SIGKILL")
    await killed.result
    await lab.machine.script("cp /contrast/tls-config/key.pem /tmp/former-key.pem")

    const sidecar = await mounted(lab.machine, database())
    await lab.machine.script("while cmp -s /contrast/tls-config/key.pem /tmp/former-key.pem; do usleep 50000; done")

    expect(await stopped(sidecar)).toMatchObject({ exitCode: 0 })
  })

  test("is refused after the workload's secret ID was changed, and opens again when it is changed back", async () => {
    await editDatabase(SECURE_PV, `${SECURE_PV}\n        ${SECRET_ID}`)
    await generate()
    await set()
    const refused = await ended(lab.machine, database())

    await editDatabase(`\n        ${SECRET_ID}`, "")
    await generate()
    await set()
    const sidecar = await mounted(lab.machine, database())
    const file = await lab.machine.script("cat /state/file")
    await stopped(sidecar)

    expect(refused).toMatchObject({ exitCode: 1, code: "VOLUME_FOREIGN_SECRET" })
    expect(file).toBe("ours\n")
  })
})
