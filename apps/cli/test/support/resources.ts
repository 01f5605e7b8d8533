/** An image reference with a digest. */
export const IMAGE = `registry.example/app:1@sha256:${"a".repeat(64)}`

const POD = `
      runtimeClassName: contrast-insecure
      containers:
        - name: app
          image: ${IMAGE}
          command: [/app]
          securityContext: { runAsUser: 1000, runAsGroup: 1000 }
`

/** The Coordinator's StatefulSet. */
export const COORDINATOR = `# the Coordinator
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: coordinator
spec:
  serviceName: coordinator
  selector:
    matchLabels: { app: coordinator }
  template:
    metadata:
      labels: { app: coordinator }
      annotations:
        contrast.edgeless.systems/pod-role: coordinator
    spec:
      runtimeClassName: contrast-insecure
      containers:
        - name: coordinator
          image: ${IMAGE}
          command: [/coordinator]
          securityContext: { runAsUser: 1000, runAsGroup: 1000 }
`

/** A Deployment. */
export function deployment(name: string, podTemplateMetadata = ""): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  selector:
    matchLabels: { app: ${name} }
  template:
    metadata:
      labels: { app: ${name} }${podTemplateMetadata}
    spec:${POD}`
}

/** What `generate` is called with everywhere. */
export const INSECURE = ["--INSECURE", "--reference-values", "Metal-QEMU-Insecure"] as const
