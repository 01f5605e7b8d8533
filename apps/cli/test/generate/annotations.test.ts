import { describe, expect, test } from "@jest/globals"
import type { Problem } from "@contrast/policy"
import { annotationAdvice, readAnnotations } from "../../src/generate/annotations.ts"
import { COORDINATOR, deployment } from "../support/resources.ts"
import { DATABASE, annotated, textsOf, workloadOf } from "./workload.ts"

function read(text: string): {
  readonly request: ReturnType<typeof readAnnotations>
  readonly problems: readonly string[]
} {
  const problems: Problem[] = []
  const request = readAnnotations(workloadOf(text).workload, problems)
  return { request, problems: textsOf(problems) }
}

const NOTHING = { isCoordinator: false, workloadSecretId: undefined, skipInitializer: false, securePv: undefined }

describe("annotations of a workload", () => {
  test("ask for nothing where there are none", () => {
    expect(read(deployment("web"))).toEqual({ request: NOTHING, problems: [] })
  })

  test.each([
    ['contrast.edgeless.systems/workload-secret-id: "shared"', { workloadSecretId: "shared" }],
    ['contrast.edgeless.systems/workload-secret-id: ""', { workloadSecretId: "" }],
    ['contrast.edgeless.systems/skip-initializer: "true"', { skipInitializer: true }],
    ['contrast.edgeless.systems/skip-initializer: "false"', { skipInitializer: false }],
    ['contrast.edgeless.systems/secure-pv: "disk:state"', { securePv: { device: "disk", mount: "state" } }],
    [
      'contrast.edgeless.systems/secure-pv: "disk:state", contrast.edgeless.systems/secure-pv-format: "never"',
      { securePv: { device: "disk", mount: "state", format: "never" } },
    ],
    ['contrast.edgeless.systems/image-store-size: "0"', {}],
    ['example.com/secure-pv: "x"', {}],
  ])("are read: %s", (annotation, expected) => {
    expect(read(annotated(annotation))).toEqual({ request: { ...NOTHING, ...expected }, problems: [] })
  })

  test.each([
    ["an annotation", "annotations:\n        contrast.edgeless.systems/pod-role: coordinator"],
    ["a label", "labels:\n        contrast.edgeless.systems/pod-role: coordinator"],
  ])("tell the Coordinator by %s", (_name, metadata) => {
    const { request } = read(DATABASE.replace(/annotations:\n.*/, metadata))

    expect(request.isCoordinator).toBe(true)
  })

  test.each([
    ['contrast.edgeless.systems/skip-initializer: "yes"', /expected "true" or "false", got "yes"/],
    ["contrast.edgeless.systems/skip-initializer: true", /put the value in quotes/],
    ['contrast.edgeless.systems/pod-role: "coordinator"', /a Coordinator is a StatefulSet/],
    ['contrast.edgeless.systems/pod-role: "boss"', /expected "coordinator", got "boss"/],
    ['contrast.edgeless.systems/secure-pv: "disk"', /expected "<device>:<mount>"/],
    ['contrast.edgeless.systems/secure-pv: "a:b:c"', /expected "<device>:<mount>"/],
    ['contrast.edgeless.systems/secure-pv: ":b"', /expected "<device>:<mount>"/],
    ['contrast.edgeless.systems/secure-pv-format: "never"', /has no effect without/],
    ['contrast.edgeless.systems/secure-pv-format: "no"', /expected "if-empty" or "never", got "no"/],
    ['contrast.edgeless.systems/secure-vp: "a:b"', /unknown annotation; known are/],
    ['contrast.edgeless.systems/servicemesh-egress: ""', /service mesh proxy is not supported/],
  ])("are refused: %s", (annotation, problem) => {
    expect(read(annotated(annotation)).problems.join("\n")).toMatch(problem)
  })

  test.each([
    ["an annotation", COORDINATOR],
    ["a label", COORDINATOR.replace("annotations:", "labels:").replace("      labels: { app: coordinator }\n", "")],
  ])("may stand on the workload, too, as common labels do: the role as %s of its pods", (_name, text) => {
    const role = "labels: { contrast.edgeless.systems/pod-role: coordinator }"

    expect(read(onWorkload(text, role))).toEqual({ request: { ...NOTHING, isCoordinator: true }, problems: [] })
  })

  test.each(["annotations", "labels"])("are refused on the workload instead of its pods, as %s", (part) => {
    const text = onWorkload(COORDINATOR, `${part}: { contrast.edgeless.systems/workload-secret-id: x }`)

    expect(read(text).problems).toEqual([
      "metadata: contrast.edgeless.systems/workload-secret-id: has no effect here: it belongs into the annotations of the pod template",
    ])
  })

  test("are refused as common labels, where only the role is read", () => {
    const common = "labels: { contrast.edgeless.systems/workload-secret-id: x }"
    const text = onWorkload(COORDINATOR, common).replace("labels: { app: coordinator }", common)

    expect(read(text).problems).toHaveLength(1)
  })

  test.each([
    ["coordinator", "boss"],
    ["boss", "coordinator"],
  ])("are refused where the role is two things: annotation %s, label %s", (annotation, label) => {
    const text = COORDINATOR.replace("pod-role: coordinator", `pod-role: ${annotation}`).replace(
      "labels: { app: coordinator }",
      `labels: { contrast.edgeless.systems/pod-role: ${label} }`,
    )

    expect(read(text).problems).toEqual(['contrast.edgeless.systems/pod-role: expected "coordinator", got "boss"'])
  })

  test("are refused on the job template of a CronJob", () => {
    const text = `apiVersion: batch/v1
kind: CronJob
metadata: { name: x }
spec:
  jobTemplate:
    metadata: { annotations: { contrast.edgeless.systems/secure-pv: "a:b" } }
    spec: { template: { spec: { runtimeClassName: contrast-insecure } } }
`
    expect(read(text).problems).toHaveLength(1)
  })

  test.each([
    ['contrast.edgeless.systems/image-store-size: "10Gi"', [expect.stringContaining("image-store-size has no effect")]],
    ['contrast.edgeless.systems/expose-service: "true"', [expect.stringContaining("expose-service has no effect")]],
    ['contrast.edgeless.systems/image-store-size: "0"', []],
    ['contrast.edgeless.systems/expose-service: "false"', []],
  ])("are said to have no effect where they ask for something: %s", (annotation, expected) => {
    expect(annotationAdvice(workloadOf(annotated(annotation)).workload)).toEqual(expected)
  })
})

/** A Coordinator with this in its own metadata. */
function onWorkload(text: string, metadata: string): string {
  return text.replace("  name: coordinator\nspec", `  name: coordinator\n  ${metadata}\nspec`)
}
