import { describe, expect, test } from "@jest/globals"
import { decodeUtf8, encodeUtf8 } from "@contrast/crypto"
import {
  type Workload,
  INITDATA_ANNOTATION,
  embedInitdata,
  encodeAnnotation,
  encodeKubernetesFile,
  findInitdata,
  findWorkloads,
  parseKubernetesFile,
} from "../../src/index.ts"
import { codeOf, messageOf } from "../code-of.ts"

function workloadsOf(text: string): readonly Workload[] {
  return findWorkloads([parseKubernetesFile("a.yaml", text)])
}

const POD = `apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  runtimeClassName: contrast-cc
`

const TEMPLATE = "    spec: {runtimeClassName: contrast-insecure}\n"

describe("findWorkloads", () => {
  test.each([
    ["v1", "ReplicationController"],
    ["apps/v1", "Deployment"],
    ["apps/v1", "ReplicaSet"],
    ["apps/v1", "DaemonSet"],
    ["apps/v1", "StatefulSet"],
    ["batch/v1", "Job"],
  ])("finds the pod template of a %s %s", (apiVersion, kind) => {
    const [workload] = workloadsOf(
      `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: web, namespace: shop}\nspec:\n  template:\n${TEMPLATE}`,
    )

    expect(workload).toMatchObject({ file: "a.yaml", apiVersion, kind, name: "web", namespace: "shop" })
    expect(workload?.nameIsGenerated).toBe(false)
    expect(workload?.podTemplate.getIn(["spec", "runtimeClassName"])).toBe("contrast-insecure")
  })

  test("finds the pod template of a CronJob", () => {
    const spec = "spec: {jobTemplate: {spec: {template: {spec: {runtimeClassName: kata-cc-isolation}}}}}"
    const [workload] = workloadsOf(`apiVersion: batch/v1\nkind: CronJob\nmetadata: {generateName: web-}\n${spec}\n`)

    expect(workload).toMatchObject({ name: "web-", nameIsGenerated: true, runtimeClassName: "kata-cc-isolation" })
  })

  test("reads an empty namespace as none", () => {
    expect(workloadsOf(POD.replace("name: web", "name: web\n  namespace: ''"))).toMatchObject([
      { namespace: undefined },
    ])
  })

  test.each([
    ["name: web\n  generateName: ''", "web", false],
    ["name: ''\n  generateName: web-", "web-", true],
    ["generateName: web-", "web-", true],
  ])("tells of %j whether the name is made up", (names, name, nameIsGenerated) => {
    expect(workloadsOf(POD.replace("name: web", names))).toMatchObject([{ name, nameIsGenerated }])
  })

  test("takes a pod for its own template", () => {
    const [workload] = workloadsOf(POD)

    expect(workload?.podTemplate).toBe(workload?.object)
  })

  test("finds workloads in lists and documents, in order", () => {
    const item = (name: string): string =>
      `- {apiVersion: v1, kind: Pod, metadata: {name: ${name}}, spec: {runtimeClassName: contrast-cc-x}}\n`
    const text = `kind: List\napiVersion: v1\nitems:\n${item("one")}${item("two")}---\n${POD}`

    expect(workloadsOf(text).map(({ name }) => name)).toEqual(["one", "two", "web"])
  })

  test("finds a runtime class behind an alias", () => {
    const spec = "spec: {template: {metadata: {labels: {class: &c contrast-cc}}, spec: {runtimeClassName: *c}}}"

    expect(workloadsOf(`apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n${spec}\n`)).toHaveLength(1)
  })

  test.each([
    ["of another runtime class", POD.replace("contrast-cc", "runc")],
    ["without a runtime class", POD.replace("runtimeClassName", "priorityClassName")],
    ["of other kinds", "apiVersion: v1\nkind: Service\nmetadata: {name: yes}\n"],
    ["that are runtime classes", "apiVersion: node.k8s.io/v1\nkind: RuntimeClass\nhandler: contrast-cc\n"],
    ["that are no maps", "- contrast-cc\n"],
    ["that are empty", "---\n---\n"],
  ])("passes by objects %s", (_name, text) => {
    expect(workloadsOf(text)).toEqual([])
  })

  test.each([
    ["an unknown kind", POD.replace("kind: Pod", "kind: Rollout"), "a.yaml: Rollout/web: kind: "],
    ["a kind named like a method", POD.replace("kind: Pod", "kind: toString"), "a.yaml: toString/web: kind: "],
    ["an old version", POD.replace("v1", "v1beta1"), 'a.yaml: Pod/web: apiVersion: expected v1, got "v1beta1"'],
    ["no name", POD.replace("name: web", "labels: {}"), "a.yaml: Pod/: metadata: expected one of"],
    ["a number as name", POD.replace("name: web", "name: 1"), "a.yaml: Pod/: metadata: expected one of"],
    ["two names", POD.replace("name: web", "name: web\n  generateName: web-"), "a.yaml: Pod/web: metadata: expected"],
    [
      "a runtime class in another place",
      POD.replace("kind: Pod", "kind: Deployment").replace("v1", "apps/v1"),
      "a.yaml: Deployment/web: spec.template: expected",
    ],
    ["a scalar that is read in two ways", `${POD}  hostNetwork: yes\n`, "a.yaml:7:16: YAML 1.1 reads yes as a boolean"],
  ])("refuses a confidential object with %s", (_name, text, start) => {
    expect(messageOf(() => workloadsOf(text))?.slice(0, start.length)).toBe(start)
    expect(codeOf(() => workloadsOf(text))).toBe("RESOURCE")
  })

  test("names all errors at once", () => {
    const broken = POD.replace("kind: Pod", "kind: Rollout")

    expect(messageOf(() => workloadsOf(`${broken}---\n${broken}---\n${POD}`))?.split("\n")).toHaveLength(2)
  })
})

describe("embedInitdata", () => {
  const toml = encodeUtf8("version = '0.1.0'\n")

  test.each([
    ["without annotations", POD],
    ["with empty annotations", POD.replace("name: web", "name: web\n  annotations:")],
    ["with other annotations", POD.replace("name: web", "name: web\n  annotations: {a: b}")],
    ["with other initdata", POD.replace("name: web", `name: web\n  annotations:\n    ${INITDATA_ANNOTATION}: x`)],
  ])("puts the document into a pod %s", (_name, text) => {
    const file = parseKubernetesFile("a.yaml", text)
    const [workload] = findWorkloads([file])

    if (workload !== undefined) {
      embedInitdata(workload, toml)
    }

    const [again] = workloadsOf(encodeKubernetesFile(file))
    expect(again === undefined ? undefined : findInitdata(again)).toEqual(toml)
  })

  test("leaves an annotation that unpacks to the same bytes", () => {
    const foreign = "H4sIAAAAAAAAAytLLSrOzM9TsFVQN9Az1DNQ5wIAzuMJnxIAAAA="
    const text = POD.replace("name: web", `name: web\n  annotations: {"${INITDATA_ANNOTATION}": "${foreign}"}`)
    const file = parseKubernetesFile("a.yaml", text)
    const [workload] = findWorkloads([file])

    if (workload !== undefined) {
      embedInitdata(workload, toml)
    }

    expect(encodeAnnotation(toml)).not.toBe(foreign)
    expect(encodeKubernetesFile(file)).toBe(text)
  })
})

describe("findInitdata", () => {
  test("finds nothing in a workload without the annotation", () => {
    expect(workloadsOf(POD).map((workload) => findInitdata(workload))).toEqual([undefined])
  })

  test("refuses an annotation that does not unpack", () => {
    const [workload] = workloadsOf(POD.replace("name: web", `name: web\n  annotations: {${INITDATA_ANNOTATION}: x}`))

    expect(codeOf(() => workload && decodeUtf8(findInitdata(workload) ?? new Uint8Array()))).toBe("ANNOTATION")
  })
})
