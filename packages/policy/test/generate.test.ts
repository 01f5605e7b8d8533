import { describe, expect, test } from "@jest/globals"
import fc from "fast-check"
import {
  type Workload,
  embedInitdata,
  encodeInitdata,
  encodeKubernetesFile,
  findInitdata,
  findWorkloads,
  generatePolicy,
  initdataHash,
  parseKubernetesFile,
} from "../src/index.ts"
import { codeOf } from "./code-of.ts"
import { FUZZ_RUNS } from "./fuzz.ts"
import { FACTS, IMAGE, generate, podYaml, policyOf } from "./policy-of.ts"

/** A database as it stands after the Initializer was put in front of it, with an encrypted volume. */
const DATABASE = `apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  replicas: 1
  template:
    metadata: {annotations: {contrast.edgeless.systems/secure-pv: "disk:state"}}
    spec:
      runtimeClassName: contrast-cc
      initContainers:
      - name: contrast-initializer
        image: ${IMAGE}
        restartPolicy: Always
        securityContext: {privileged: true}
        resources: {requests: {memory: 100Mi}, limits: {memory: 100Mi}}
        env:
        - {name: COORDINATOR_HOST, value: coordinator-ready.default}
        - {name: CRYPTSETUP_DEVICE, value: /dev/csi0}
        volumeDevices: [{name: disk, devicePath: /dev/csi0}]
        volumeMounts:
        - {name: state, mountPath: /state, mountPropagation: Bidirectional}
        - {name: contrast-secrets, mountPath: /contrast}
        startupProbe: {exec: {command: [/bin/test, -f, /done]}, periodSeconds: 5, failureThreshold: 20}
      containers:
      - name: db
        image: ${IMAGE}
        volumeMounts:
        - {name: state, mountPath: /data, mountPropagation: HostToContainer}
        - {name: contrast-secrets, mountPath: /contrast}
      volumes:
      - {name: state, emptyDir: {medium: Memory}}
      - {name: contrast-secrets, emptyDir: {medium: Memory}}
  volumeClaimTemplates:
  - {metadata: {name: disk}, spec: {volumeMode: Block}}
`

describe("generatePolicy", () => {
  test("pins what the injected Initializer needs, like everything else", () => {
    const [sandbox, initializer, database] = policyOf(DATABASE).containers

    expect([sandbox?.name, initializer?.name, database?.name]).toEqual(["", "contrast-initializer", "db"])
    expect(initializer).toMatchObject({
      privileged: true,
      devices: ["/dev/csi0"],
      exec: [["/bin/test", "-f", "/done"]],
      env: { fixed: { COORDINATOR_HOST: "coordinator-ready.default", CRYPTSETUP_DEVICE: "/dev/csi0" } },
    })
    expect(initializer?.mounts.find(({ destination }) => destination === "/state")?.any).toEqual([
      { type: "bind", source: "/run/kata-containers/sandbox/ephemeral/state", options: ["rbind", "rshared", "rw"] },
    ])
    expect(database?.mounts.find(({ destination }) => destination === "/data")?.any[0]?.options).toContain("rslave")
    expect([sandbox, initializer, database].map((container) => container?.root_propagation)).toEqual([
      ...["", "rshared", "rslave"],
    ])
  })

  test("gives the same text for the same workload, and leaves its own annotation out", () => {
    const file = parseKubernetesFile("db.yaml", DATABASE)
    const [workload] = findWorkloads([file])
    if (workload === undefined) {
      throw new RangeError("no workload")
    }
    const first = generatePolicy(workload, { imageFacts: () => FACTS }).rego
    const toml = encodeInitdata({ data: new Map([["policy.rego", first]]) })

    embedInitdata(workload, toml)

    const text = encodeKubernetesFile(file)
    const [again] = findWorkloads([parseKubernetesFile("db.yaml", text)])
    expect(again && generatePolicy(again, { imageFacts: () => FACTS }).rego).toBe(first)
    expect(again && initdataHash(findInitdata(again) ?? new Uint8Array())).toBe(initdataHash(toml))
  })

  test("does not depend on the order of maps", () => {
    const env = ["{name: A, value: x}", "{name: B, value: x}"]
    const yaml = (variables: readonly string[], labels: string): string =>
      podYaml(`env: [${variables.join(", ")}]`).replace("annotations: {note: hello}", labels)

    expect(generate(yaml(env, "annotations: {a: x, b: x}")).rego).toBe(
      generate(yaml(env.toReversed(), "annotations: {b: x, a: x}")).rego,
    )
  })

  test("ends in one line end, has no trailing spaces", () => {
    expect(generate(podYaml()).rego).toMatch(/[^\n]\n$/)
    expect(generate(podYaml()).rego).not.toMatch(/[ \t]\n/)
  })

  test("tells what it allows knowingly", () => {
    const yaml = podYaml(
      [
        "securityContext: {privileged: true, seccompProfile: {type: RuntimeDefault}}",
        "stdin: true",
        "volumeMounts: [{name: c, mountPath: /c}, {name: h, mountPath: /h}]",
      ].join("\n"),
      [
        "hostNetwork: true",
        "shareProcessNamespace: true",
        "volumes: [{name: c, persistentVolumeClaim: {claimName: c}}, {name: h, hostPath: {path: /h}}]",
      ].join("\n"),
    )

    expect(generate(yaml).notes.map(({ path, message }) => `${path}: ${message}`)).toEqual([
      "spec.hostNetwork: the pod shares the network of its guest",
      "spec.shareProcessNamespace: containers see each other's processes",
      "spec.containers[0]: a privileged container has all of the guest",
      "spec.containers[0]: seccompProfile has no effect: the runtime drops it",
      "spec.containers[0]: input never reaches the container",
      "spec.volumes: files of ConfigMaps, Secrets and tokens come from the host and are not checked",
      "spec.volumes: c comes from the host unprotected; the annotation contrast.edgeless.systems/secure-pv encrypts it",
      "spec.volumes: h comes from the host unprotected",
    ])
  })

  test("has nothing to tell of the Initializer that it knows", () => {
    const quiet = DATABASE.replace(
      "      runtimeClassName",
      "      automountServiceAccountToken: false\n      runtimeClassName",
    )

    expect(generate(quiet).notes).toEqual([])
  })

  test("tells where nothing is known of an image", () => {
    const yaml = podYaml(
      "command: [/c]\nsecurityContext: {runAsUser: 1, runAsGroup: 1}",
      "automountServiceAccountToken: false",
    )

    expect(generate(yaml, { imageFacts: () => undefined }).notes).toMatchObject([
      { file: "a.yaml", resource: "Pod/web", path: "spec.containers[0]" },
    ])
  })

  test("answers any change of a pod spec with a policy or a refusal of its own", () => {
    const pieces = [
      "\n",
      "  ",
      "- ",
      ": ",
      "{",
      "}",
      "[",
      "]",
      "null",
      "1",
      "1.5",
      "true",
      "''",
      "? ",
      "&a ",
      "*a",
      "x: y",
      "$(",
    ]
    const place = fc.nat(DATABASE.length)
    const changed = fc
      .tuple(place, fc.nat(12), fc.constantFrom(...pieces))
      .map(([at, length, piece]) => DATABASE.slice(0, at) + piece + DATABASE.slice(at + length))

    fc.assert(
      fc.property(changed, (yaml) => {
        expect(outcomeOf(yaml)).toMatch(/^(policy|no workload|YAML|RESOURCE|POLICY_SIZE)$/)
      }),
      { numRuns: FUZZ_RUNS },
    )
  })
})

function outcomeOf(yaml: string): string {
  const [workload] = workloadsOrCode(yaml)
  if (workload === undefined || typeof workload === "string") {
    return workload ?? "no workload"
  }
  const code = codeOf(() => generatePolicy(workload, { imageFacts: () => FACTS }))
  return code ?? "policy"
}

function workloadsOrCode(yaml: string): readonly (Workload | string)[] {
  let workloads: readonly Workload[] = []
  const code = codeOf(() => {
    workloads = findWorkloads([parseKubernetesFile("a.yaml", yaml)])
  })
  return code === undefined ? workloads : [code]
}
