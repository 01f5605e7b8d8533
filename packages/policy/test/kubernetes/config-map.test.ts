import { expect, test } from "@jest/globals"
import { findConfigMaps, findWorkloads, generatePolicy, parseKubernetesFile, PolicyError } from "../../src/index.ts"

const POD = `apiVersion: v1
kind: Pod
metadata:
  name: app
  namespace: default
spec:
  runtimeClassName: contrast-insecure
  automountServiceAccountToken: false
  containers:
    - name: app
      image: example.com/app@sha256:${"a".repeat(64)}
      command: [/app]
      workingDir: /
      securityContext: { runAsUser: 1, runAsGroup: 1 }
      env:
        - name: CONFIG
          valueFrom:
            configMapKeyRef: { name: settings, key: app.conf }
`

function configMap(namespace: string | undefined, value: string): string {
  const place = namespace === undefined ? "" : `\n  namespace: ${namespace}`
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings${place}\ndata:\n  app.conf: ${value}\n`
}

function generate(...texts: readonly string[]): string {
  const files = texts.map((text, index) => parseKubernetesFile(`${index}.yml`, text))
  const [workload] = findWorkloads(files)
  if (workload === undefined) throw new Error("expected a workload")
  return generatePolicy(workload, { imageFacts: () => undefined, configMaps: findConfigMaps(files) }).rego
}

function problemsOf(...texts: readonly string[]): readonly string[] {
  try {
    generate(...texts)
    return []
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error
    return error.problems.map(({ path, message }) => `${path}: ${message}`)
  }
}

test.each([
  ["of the same namespace", "default"],
  ["without a namespace", undefined],
])("a variable takes the exact text of a ConfigMap %s", (_title, namespace) => {
  expect(generate(POD, configMap(namespace, "level=3"))).toContain('"CONFIG": "level=3"')
})

test("the text is taken as it is: nothing in it is expanded", () => {
  expect(generate(POD, configMap("default", '"$(HOSTNAME) $$"'))).toContain('"CONFIG": "$(HOSTNAME) $$"')
})

test.each([
  ["no ConfigMap is among the files", []],
  ["it is of another namespace", [configMap("other", "x")]],
  ["it lacks the key", [configMap("default", "x").replace("app.conf", "other.conf")]],
])("a variable is refused by name when %s", (_title, texts) => {
  expect(problemsOf(POD, ...texts)).toEqual([
    "spec.containers[0].env.CONFIG: expected ConfigMap settings with the key app.conf among the files",
  ])
})

test("two ConfigMaps of one name are refused", () => {
  expect(problemsOf(POD, configMap("default", "x"), configMap(undefined, "y"))).toEqual([
    "metadata.name: another ConfigMap has this name",
  ])
})
