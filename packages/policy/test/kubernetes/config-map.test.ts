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
  ["with an empty namespace", "''"],
])("a variable takes the exact text of a ConfigMap %s", (_title, namespace) => {
  expect(generate(POD, configMap(namespace, "level=3"))).toContain('"CONFIG": "level=3"')
})

test("a reference may say that it is not optional", () => {
  expect(generate(POD.replace("key: app.conf", "key: app.conf, optional: false"), configMap("default", "x"))).toContain(
    '"CONFIG": "x"',
  )
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

test("a workload without a namespace does not choose between ConfigMaps of two namespaces", () => {
  const pod = POD.replace("  namespace: default\n", "")

  expect(problemsOf(pod, configMap("team-a", "x"), configMap("team-b", "y"))).toEqual([
    "spec.containers[0].env.CONFIG: the files have ConfigMap settings in the namespaces team-a (1.yml) and team-b (2.yml): " +
      "set metadata.namespace of this workload",
  ])
  expect(generate(pod, configMap("team-a", "x"))).toContain('"CONFIG": "x"')
  expect(generate(POD.replace("namespace: default", "namespace: ''"), configMap("team-a", "x"))).toContain(
    '"CONFIG": "x"',
  )
})

test.each(["644", "true", "null", "[a]", "{a: b}", "0644"])(
  "a value that is no text is refused as such: %s",
  (value) => {
    expect(problemsOf(POD, configMap("default", value))).toEqual([
      "spec.containers[0].env.CONFIG: expected a string under the key app.conf of ConfigMap settings: quote its value",
    ])
  },
)

test("a ConfigMap that a workload uses is refused if YAML 1.1 reads it in another way", () => {
  const text = `${configMap("default", "yes")}  on: "1"\n`

  expect(problemsOf(POD, text)).toEqual([
    "spec.containers[0].env.CONFIG: ConfigMap settings: 1.yml:7:13: " +
      "YAML 1.1 reads yes as a boolean: quote it or write the value in full",
    "spec.containers[0].env.CONFIG: ConfigMap settings: 1.yml:8:3: " +
      "YAML 1.1 reads on as a boolean: quote it or write the value in full",
  ])
})

test("a ConfigMap that no workload uses is not looked into, nor are its neighbours in a list", () => {
  const other = configMap("default", "yes").replace("name: settings", "name: other")
  const items = [configMap("default", "x"), other].map((text) => `- ${text.trimEnd().replaceAll("\n", "\n  ")}\n`)
  const list = `apiVersion: v1\nkind: List\nitems:\n${items.join("")}`

  expect(generate(POD, other, configMap("default", "x"))).toContain('"CONFIG": "x"')
  expect(generate(POD, list)).toContain('"CONFIG": "x"')
})
