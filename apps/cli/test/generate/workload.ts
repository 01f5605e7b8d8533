import { type Problem, type Workload, encodeKubernetesFile, findWorkloads, parseKubernetesFile } from "@contrast/policy"
import { deployment } from "../support/resources.ts"

/** The only workload of a text, and how that text is written after edits of it. */
export function workloadOf(text: string): { readonly workload: Workload; readonly write: () => string } {
  const file = parseKubernetesFile("web.yml", text)
  const [workload] = findWorkloads([file])
  if (workload === undefined) throw new TypeError("the text holds no confidential workload")
  return { workload, write: () => encodeKubernetesFile(file) }
}

/** A Deployment whose pods have these annotations. */
export function annotated(annotations: string): string {
  return deployment("web", `\n      annotations: { ${annotations} }`)
}

/** The pod spec as plain values. */
export function podSpecOf(workload: Workload): unknown {
  return (workload.podTemplate.toJSON() as { spec: unknown }).spec
}

/** A StatefulSet with one claim and one mount, as encrypted disks have them. */
export const DATABASE = `apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
spec:
  template:
    metadata:
      annotations:
        contrast.edgeless.systems/secure-pv: "disk:state"
    spec:
      runtimeClassName: contrast-insecure
      containers:
        - name: db
          volumeMounts:
            - name: state
              mountPath: /data
              mountPropagation: HostToContainer
  volumeClaimTemplates:
    - metadata:
        name: disk
      spec:
        volumeMode: Block
`

/** Place and message of problems. */
export function textsOf(problems: readonly Problem[]): readonly string[] {
  return problems.map(({ path, message }) => `${path}: ${message}`)
}
