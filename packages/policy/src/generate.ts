import { type PolicyDocument, type Settings, encodeDocument } from "./document.ts"
import { PolicyError, type Problem } from "./error.ts"
import type { ImageFactsLookup } from "./image-facts.ts"
import { type ConfigMapLookup, findConfigMaps } from "./kubernetes/config-map.ts"
import type { Report } from "./kubernetes/fields.ts"
import { type Pod, readPod } from "./kubernetes/pod.ts"
import type { Workload } from "./kubernetes/workload.ts"
import { listNotes } from "./notes.ts"
import { measurePolicy } from "./policy-size.ts"
import { RULES } from "./rules/rules.ts"
import { containerPolicy } from "./runtime/container.ts"
import { assertBelowRoot } from "./runtime/mounts.ts"
import { sandboxContainerPolicy, sandboxPolicy } from "./runtime/sandbox.ts"
import { DEFAULT_SETTINGS } from "./settings.ts"

/** What a policy is made of, beside the pod spec. */
export interface PolicyInputs {
  /** What is known of images. Of one that is not known, the pod spec has to state command, user and group. */
  readonly imageFacts: ImageFactsLookup
  /** The ConfigMaps that variables may take their values from; none by default. */
  readonly configMaps?: ConfigMapLookup
  readonly settings?: Settings
}

/** A policy for the agent in the guests of a workload. */
export interface GeneratedPolicy {
  /** Rego text, for {@link POLICY_KEY} of the initdata document. */
  readonly rego: string
  /** What is allowed because the pod spec asks for it, and what its author should know. */
  readonly notes: readonly Problem[]
}

/**
 * Makes the policy of a workload from its pod template as it stands now, so after all that is added to it: a field
 * that is added later, or an annotation that reaches the runtime, makes the agent refuse the start. The initdata
 * annotation itself is left out. The same tree gives the same text.
 *
 * @throws {@link PolicyError} `RESOURCE` with every field that is not supported or not as it should be, `POLICY_SIZE`
 * when the policy has a line that the agent does not read, or is too long.
 */
export function generatePolicy(
  workload: Workload,
  { imageFacts, configMaps = findConfigMaps([]), settings = DEFAULT_SETTINGS }: PolicyInputs,
): GeneratedPolicy {
  const place = { file: workload.file, resource: `${workload.kind}/${workload.name}` }
  const problems: Problem[] = []
  const report: Report = (path, message) => {
    problems.push({ ...place, path, message })
  }
  const pod = readPod(workload.object, workload.kind, report)
  const document = policyDocument({ pod, settings, imageFacts, configMaps, report })
  if (problems.length > 0) {
    throw new PolicyError("RESOURCE", problems)
  }
  document.containers.forEach(({ mounts }) => {
    assertBelowRoot(mounts)
  })
  const rego = `${RULES}\npolicy_data := ${encodeDocument(document)}\n`
  const size = measurePolicy(rego)
  if (size.refusals.length > 0) {
    throw new PolicyError(
      "POLICY_SIZE",
      size.refusals.map((message) => ({ ...place, path: "", message })),
    )
  }
  const notes = [...listNotes(pod, imageFacts), ...size.warnings.map((message) => ({ path: "", message }))]
  return { rego, notes: notes.map((note) => ({ ...place, ...note })) }
}

interface DocumentInputs extends Required<PolicyInputs> {
  readonly pod: Pod
  readonly report: Report
}

function policyDocument({ pod, settings, imageFacts, configMaps, report }: DocumentInputs): PolicyDocument {
  const containers = pod.containers.map((container) =>
    containerPolicy({ pod, container, imageFacts, configMaps, report }),
  )
  return { version: 1, sandbox: sandboxPolicy(pod), settings, containers: [sandboxContainerPolicy(pod), ...containers] }
}
