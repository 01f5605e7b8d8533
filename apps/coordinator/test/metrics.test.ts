import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { delimiter, join } from "node:path"
import { afterEach, describe, expect, test } from "@jest/globals"
import { createMetrics } from "../src/metrics.ts"
import { Labs } from "./support/labs.ts"

const REPOSITORY = join(import.meta.dirname, "../../..")
const promtool = findPromtool()
const labs = new Labs()
afterEach(() => labs.stop())

test("counts what operators watch", async () => {
  const metrics = createMetrics()

  metrics.manifestGeneration(3)
  metrics.attestationFailed()
  countCall(metrics)

  const text = await metrics.render()
  expect(text).toContain("contrast_coordinator_manifest_generation 3\n")
  expect(text).toContain("contrast_meshapi_attestation_failures_total 1\n")
  const labels = 'grpc_type="unary",grpc_service="meshapi.MeshAPI",grpc_method="NewMeshCert"'
  expect(text).toContain(`contrast_grpc_server_started_total{${labels}} 1\n`)
  expect(text).toContain(`contrast_grpc_server_handled_total{${labels},grpc_code="PermissionDenied"} 1\n`)
  expect(text).toContain(`contrast_grpc_server_handling_seconds_count{${labels}} 1\n`)
  expect(text).toContain("process_resident_memory_bytes ")
})

const [describeWithPromtool, hint] =
  promtool === undefined ? [describe.skip, " (skipped: no promtool)"] : [describe, ""]

describeWithPromtool(`promtool${hint}`, () => {
  test("finds nothing to object to in what a Coordinator serves", async () => {
    const lab = await labs.active({}, { transitThreads: 2 })
    await lab.newMeshCert()
    const response = await fetch(`http://127.0.0.1:${lab.servers.ports.probe}/metrics`)
    const served = await response.text()

    const { status, stdout, stderr } = spawnSync(promtool ?? "", ["check", "metrics"], {
      input: served,
      encoding: "utf8",
    })

    expect({ status, output: stdout + stderr }).toEqual({ status: 0, output: "" })
    for (const family of ["contrast_grpc_server_handled_total", "contrast_transit_", "process_resident_memory_bytes"]) {
      expect(served).toContain(family)
    }
  })
})

function countCall(metrics: ReturnType<typeof createMetrics>): void {
  metrics.callStarted("meshapi.MeshAPI", "NewMeshCert")
  metrics.callFinished({
    service: "meshapi.MeshAPI",
    method: "NewMeshCert",
    status: "PermissionDenied",
    seconds: 0.02,
  })
}

function findPromtool(): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), join(REPOSITORY, ".cache/tools")]
  const candidates = [process.env["PROMTOOL_BIN"], ...folders.map((folder) => join(folder, "promtool"))]
  return candidates.find((candidate) => candidate !== undefined && candidate !== "" && existsSync(candidate))
}
