import { type ImageFacts, type PolicyInputs, findWorkloads, generatePolicy, parseKubernetesFile } from "../src/index.ts"
import type { ContainerPolicy, PolicyDocument } from "../src/document.ts"

export const DIGEST = `sha256:${"d".repeat(64)}`
export const IMAGE = `registry.example/app@${DIGEST}`

/** An image of which everything is known, and which says little. */
export const FACTS: ImageFacts = {
  ...{
    user: "",
    env: [],
    entrypoint: ["/entry"],
    cmd: ["default"],
    workingDir: "",
    volumes: [],
    passwd: "",
    group: "",
  },
}

const KNOWN: PolicyInputs = { imageFacts: () => FACTS }

/** The data of the policy that is made of the first workload of the text. */
export function policyOf(yaml: string, inputs: PolicyInputs = KNOWN): PolicyDocument {
  const [, data = ""] = generate(yaml, inputs).rego.split("policy_data := ")
  // The form that the document's own type says; maps come back as objects.
  return JSON.parse(data) as PolicyDocument
}

/** The policy of the first workload of the text. */
export function generate(yaml: string, inputs: PolicyInputs = KNOWN): ReturnType<typeof generatePolicy> {
  const [workload] = findWorkloads([parseKubernetesFile("a.yaml", yaml)])
  if (workload === undefined) {
    throw new RangeError("no workload")
  }
  return generatePolicy(workload, inputs)
}

/** The policy of the only container of a pod with these lines in the container and in the pod's spec. */
export function containerOf(container: string, pod = "", inputs: PolicyInputs = KNOWN): ContainerPolicy {
  const policy = policyOf(podYaml(container, pod), inputs).containers[1]
  if (policy === undefined) {
    throw new RangeError("no container")
  }
  return policy
}

/** A pod with one container; both take more lines of YAML. */
export function podYaml(container = "", pod = ""): string {
  return `apiVersion: v1
kind: Pod
metadata: {name: web, namespace: default, labels: {app: shop}, annotations: {note: hello}}
spec:
  runtimeClassName: contrast-cc
${indent(pod, "  ")}  containers:
  - name: app
    image: ${IMAGE}
${indent(container, "    ")}`
}

function indent(lines: string, by: string): string {
  return lines
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => `${by}${line}\n`)
    .join("")
}
