import { describe, expect, test } from "@jest/globals"
import { codeOf, messageOf } from "../code-of.ts"
import { FACTS, IMAGE, containerOf, generate, podYaml, policyOf } from "../policy-of.ts"

const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

function environmentOf(container: string, pod = "", image: readonly string[] = []): unknown {
  return containerOf(container, pod, { imageFacts: () => ({ ...FACTS, env: image }) }).env
}

describe("the environment of a container", () => {
  test("is the usual search path where neither image nor pod spec says anything", () => {
    expect(environmentOf("")).toEqual({
      ...{
        fixed: { PATH: DEFAULT_PATH },
        patterns: {},
        sandbox_name: [],
        namespace: [],
        services: true,
        hostname: true,
      },
    })
  })

  test("is that of the image under that of the pod spec, the last of a name counting", () => {
    const container = "env: [{name: B, value: '1'}, {name: C, value: '2'}, {name: B, value: '3'}]"

    expect(environmentOf(container, "", ["PATH=/bin", "A=x=y", "B=0", "A=z", "HOSTNAME=x", "odd"])).toMatchObject({
      fixed: { A: "z", B: "3", C: "2", PATH: "/bin" },
    })
  })

  test("has a terminal's type where there is one", () => {
    expect(environmentOf("tty: true", "", ["TERM=vt100"])).toMatchObject({ fixed: { TERM: "xterm" } })
  })

  test("has no service variables where the pod spec wants none", () => {
    expect(environmentOf("", "enableServiceLinks: false")).toMatchObject({ services: false, hostname: true })
  })

  test.each([
    ["metadata.namespace", { fixed: { X: "default" } }],
    ["metadata.name", { fixed: { X: "web" } }],
    ["metadata.labels['app']", { fixed: { X: "shop" } }],
    ["metadata.annotations['note']", { fixed: { X: "hello" } }],
    ["metadata.labels['none']", { fixed: { X: "" } }],
    ["metadata.labels['pod-template-hash']", { patterns: { X: "^[-A-Za-z0-9_.]{0,63}$" } }],
    ["spec.serviceAccountName", { fixed: { X: "default" } }],
    ["spec.nodeName", { patterns: { X: "^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$" } }],
    ["metadata.uid", { patterns: { X: expect.stringContaining("{12}$") } }],
    ["status.podIP", { patterns: { X: expect.stringContaining("{1,3}") } }],
    ["status.hostIPs", { patterns: { X: expect.stringContaining(",(") } }],
  ])("has the value of the field %s", (path, expected) => {
    const quoted = `"${path}"`

    expect(environmentOf(`env: [{name: X, valueFrom: {fieldRef: {fieldPath: ${quoted}}}}]`)).toMatchObject(expected)
  })

  test("has numbers for resources", () => {
    const container = "env: [{name: X, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}]"

    expect(environmentOf(container)).toMatchObject({ patterns: { X: "^[0-9]{1,20}$" } })
  })

  test("compares names that Kubernetes makes up with those of the request", () => {
    const yaml = podYaml("env: [{name: X, valueFrom: {fieldRef: {fieldPath: metadata.name}}}, {name: Z, value: $(X)}]")
    const controlled = yaml
      .replace("metadata: {name: web, namespace: default,", "metadata: {generateName: web-,")
      .replace("command:", "")

    expect(policyOf(controlled).containers[1]?.env).toMatchObject({ sandbox_name: ["X", "Z"] })
    expect(policyOf(controlled).sandbox.namespace).toEqual({ pattern: "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$" })
  })

  test("expands values in order, and arguments by all of them", () => {
    const container = [
      "env: [{name: A, value: $(B)}, {name: B, value: x}, {name: C, value: $(B)$(B)}]",
      "args: ['$(A)', '$(C)', '$(PATH)']",
    ].join("\n")

    expect(environmentOf(container)).toMatchObject({ fixed: { A: "$(B)", B: "x", C: "xx" } })
    expect(containerOf(container).process.args).toEqual(["/entry", "$(B)", "xx", "$(PATH)"])
  })

  test("takes a service that may be there or not for either", () => {
    const [, argument] = containerOf("args: ['$(DB_SERVICE_PORT)']").process.args

    expect(argument).toEqual({
      pattern: expect.stringMatching(/^\^\(\[0-9\]\{1,5\}\|.*\|\\\$\\\(DB_SERVICE_PORT\\\)\)\$$/),
    })
    expect(containerOf("args: ['$(DB_SERVICE_PORT)']", "enableServiceLinks: false").process.args[1]).toBe(
      "$(DB_SERVICE_PORT)",
    )
  })

  test("has the index of an indexed job's pod", () => {
    const spec = `spec: {completionMode: Indexed, template: {spec: {runtimeClassName: contrast-cc, containers: [{name: a, image: ${IMAGE}}]}}}`
    const document = policyOf(`apiVersion: batch/v1\nkind: Job\nmetadata: {name: j}\n${spec}\n`)

    expect(document.containers[1]?.env).toMatchObject({ patterns: { JOB_COMPLETION_INDEX: "^[0-9]{1,10}$" } })
  })

  test("keeps names that mean something else to JavaScript", () => {
    const rego = generate(
      podYaml("env: [{name: __proto__, value: x}, {name: '10', value: a}, {name: '9', value: b}]"),
    ).rego

    expect(rego).toMatch(/"10": "a",\n +"9": "b",\n +"PATH": .*,\n +"__proto__": "x"\n/)
  })
})

describe("a probe's command", () => {
  test("knows texts of the pod spec, unexpanded", () => {
    const container = [
      "env: [{name: A, value: x}, {name: B, value: $(A)}]",
      "livenessProbe: {exec: {command: [/p, $(A), $(B), $(NONE), $$(A)]}}",
      "lifecycle: {postStart: {exec: {command: [/h, $(A)]}}}",
    ].join("\n")

    expect(containerOf(container).exec).toEqual([
      ["/p", "x", "$(A)", "$(NONE)", "$(A)"],
      ["/h", "$(A)"],
    ])
  })

  test("is refused where it needs a value that it does not get", () => {
    const container = [
      "env: [{name: A, valueFrom: {fieldRef: {fieldPath: status.podIP}}}]",
      "livenessProbe: {exec: {command: [/p, $(A)]}}",
    ].join("\n")

    expect(codeOf(() => containerOf(container))).toBe("RESOURCE")
    expect(messageOf(() => containerOf(container))).toContain("a probe's command refers to A")
  })
})

describe("the arguments of a container", () => {
  test.each([
    ["", ["/entry", "default"]],
    ["args: [a]", ["/entry", "a"]],
    ["args: []", ["/entry", "default"]],
    ["command: [/c]", ["/c"]],
    ["command: [/c]\nargs: [a]", ["/c", "a"]],
    ["command: []\nargs: [a]", ["/entry", "a"]],
  ])("for %j", (container, expected) => {
    expect(containerOf(container).process.args).toEqual(expected)
  })

  test.each([
    ["", "/"],
    ["workingDir: /w", "/w"],
    ["workingDir: ''", "/"],
  ])("have a working directory for %j", (container, expected) => {
    expect(containerOf(container).process.cwd).toBe(expected)
  })

  test("have the working directory of the image where the pod spec names none", () => {
    const imageFacts = (): typeof FACTS => ({ ...FACTS, workingDir: "/app" })

    expect(containerOf("", "", { imageFacts }).process.cwd).toBe("/app")
  })
})
