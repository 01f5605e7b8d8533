import { describe, expect, test } from "@jest/globals"
import { addSecurePvVolume, securePvAdvice } from "../../src/generate/secure-pv.ts"
import { DATABASE, podSpecOf, textsOf, workloadOf } from "./workload.ts"

const SECURE_PV = { device: "disk", mount: "state" }
const WITHOUT_CLAIM = DATABASE.replace(/ {2}volumeClaimTemplates:[^]*/, "")

function withVolumes(volumes: string): string {
  return WITHOUT_CLAIM.replace("      containers:", `      volumes: [${volumes}]\n      containers:`)
}

describe("an encrypted disk", () => {
  test.each([
    ["a claim template", DATABASE],
    ["a claim", withVolumes("{ name: disk, persistentVolumeClaim: { claimName: x } }")],
    ["an iSCSI disk", withVolumes("{ name: disk, iscsi: {} }")],
  ])("can be %s", (_name, text) => {
    const { workload } = workloadOf(text)

    expect(addSecurePvVolume(workload, SECURE_PV)).toEqual([])
    expect(podSpecOf(workload)).toMatchObject({
      volumes: expect.arrayContaining([{ name: "state", emptyDir: { medium: "Memory" } }]) as unknown,
    })
  })

  test.each(["{ sizeLimit: 1Gi }", "{}", "null"])("keeps an emptyDir that is there: %s", (source) => {
    const volumes = `      volumes: [{ name: state, emptyDir: ${source} }]\n`
    const { workload, write } = workloadOf(DATABASE.replace("      containers:", `${volumes}      containers:`))

    expect(addSecurePvVolume(workload, SECURE_PV)).toEqual([])
    expect(write()).toContain(volumes)
  })

  test.each([
    [
      "there is no such volume",
      withVolumes("{ name: other, emptyDir: {} }"),
      /no volume "disk"; the pod's volumes: other/,
    ],
    ["there is none at all", WITHOUT_CLAIM, /no volume "disk"; the pod's volumes: none/],
    [
      "the volume is no disk",
      withVolumes("{ name: disk, emptyDir: {} }"),
      /"disk" must be a persistentVolumeClaim, iscsi or/,
    ],
    [
      "the mount is no emptyDir",
      withVolumes("{ name: disk, iscsi: {} }, { name: state, configMap: {} }"),
      /"state" must be an emptyDir/,
    ],
  ])("is refused when %s", (_name, text, problem) => {
    expect(textsOf(addSecurePvVolume(workloadOf(text).workload, SECURE_PV)).join("\n")).toMatch(problem)
  })

  test("needs no advice when all is as it should be", () => {
    expect(securePvAdvice(workloadOf(DATABASE).workload, SECURE_PV)).toEqual([])
  })

  test.each([
    ["a claim that is no block device", DATABASE.replace("volumeMode: Block", "{}"), /volumeMode: Block/],
    [
      "a mount that does not propagate",
      DATABASE.replace(/ +mountPropagation.*\n/, ""),
      /mountPropagation: HostToContainer/,
    ],
    [
      "a disk that nobody mounts",
      DATABASE.replace(/ +volumeMounts:\n(?:.*\n){3}/, ""),
      /no container mounts volume "state"/,
    ],
  ])("comes with advice on %s", (_name, text, advice) => {
    expect(securePvAdvice(workloadOf(text).workload, SECURE_PV).join("\n")).toMatch(advice)
  })
})
