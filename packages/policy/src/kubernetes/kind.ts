/** Kinds of object that pods come from. */
export type WorkloadKind =
  "Pod" | "ReplicationController" | "Deployment" | "ReplicaSet" | "DaemonSet" | "StatefulSet" | "Job" | "CronJob"

/** Where an object of a kind keeps its pod template. */
interface PodSource {
  readonly apiVersion: string
  readonly templatePath: readonly string[]
}

const POD_SOURCES: Readonly<Record<WorkloadKind, PodSource>> = {
  Pod: { apiVersion: "v1", templatePath: [] },
  ReplicationController: { apiVersion: "v1", templatePath: ["spec", "template"] },
  Deployment: { apiVersion: "apps/v1", templatePath: ["spec", "template"] },
  ReplicaSet: { apiVersion: "apps/v1", templatePath: ["spec", "template"] },
  DaemonSet: { apiVersion: "apps/v1", templatePath: ["spec", "template"] },
  StatefulSet: { apiVersion: "apps/v1", templatePath: ["spec", "template"] },
  Job: { apiVersion: "batch/v1", templatePath: ["spec", "template"] },
  CronJob: { apiVersion: "batch/v1", templatePath: ["spec", "jobTemplate", "spec", "template"] },
}

/** Whether pods come from objects of this kind. */
export function isWorkloadKind(kind: string): kind is WorkloadKind {
  return Object.hasOwn(POD_SOURCES, kind)
}

/** Where an object of the kind keeps its pod template, and the one API version that is known of it. */
export function podSourceOf(kind: WorkloadKind): PodSource {
  return POD_SOURCES[kind]
}

/** Whether pods of this runtime class run as confidential guests. */
export function isConfidentialRuntimeClass(name: string): boolean {
  return name.startsWith("contrast-cc") || name.startsWith("contrast-insecure") || name === "kata-cc-isolation"
}
