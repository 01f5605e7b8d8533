import { type Platform, isInsecurePlatform } from "@contrast/manifest"
import type { KubernetesFile, Problem, Workload } from "@contrast/policy"
import { refuseProblems } from "../workload-refusal.ts"
import { type WorkloadRequest, annotationAdvice, readAnnotations } from "./annotations.ts"
import { setAllowInsecure } from "./coordinator.ts"
import { type ImageReplacements, replaceImages } from "./image-replacements.ts"
import { hasInitializer, injectInitializer, removeInitializer } from "./initializer.ts"
import { resolvePlatform } from "./platform.ts"
import { findContainersPlace, findMisplaced, problemOf, resourceOf } from "./pod.ts"
import { securePvAdvice } from "./secure-pv.ts"

/** What workloads are prepared with. */
export interface PreparationInputs {
  /** The files that the workloads stand in. */
  readonly files: readonly KubernetesFile[]
  /** Platform of the workloads whose runtime class names none. */
  readonly platform: Platform | undefined
  /** None: workloads keep the Initializer that they have, if they have one. */
  readonly initializerImage: string | undefined
  readonly imageReplacements: ImageReplacements
}

/** A workload that is as it will run, save its policy. */
export interface PreparedWorkload {
  readonly workload: Workload
  readonly request: WorkloadRequest
  readonly platform: Platform
}

/** What came of the preparation. */
export interface Preparation {
  readonly prepared: readonly PreparedWorkload[]
  /** Things that are allowed but hardly meant. */
  readonly advice: readonly string[]
}

/**
 * Changes workloads into what will run: runtime class, Initializer, images, and what tells a Coordinator its security
 * level. Doing it again changes nothing more.
 *
 * @throws `CliError` `WORKLOAD` with the problems of all workloads.
 */
export function prepareWorkloads(workloads: readonly Workload[], inputs: PreparationInputs): Preparation {
  const problems: Problem[] = []
  const prepared = workloads.flatMap((workload) => {
    const request = readAnnotations(workload, problems)
    const platform = resolvePlatform(workload, inputs.platform)
    if (typeof platform === "string") return [{ workload, request, platform }]
    problems.push(platform)
    return []
  })
  const misplaced = workloads.flatMap(findMisplaced)
  if (misplaced.length > 0) refuseProblems([...problems, ...misplaced])
  const coordinators = prepared.filter(({ request }) => request.isCoordinator)
  const isInsecure = prepared.every(({ platform }) => isInsecurePlatform(platform))
  const coordinatorNamespace = coordinators[0]?.workload.namespace
  for (const { workload, request } of prepared) {
    if (request.isCoordinator) {
      const place = findContainersPlace(workload, inputs.files)
      problems.push(...setAllowInsecure(workload, isInsecure).map((problem) => ({ ...problem, ...place })))
    } else problems.push(...settleInitializer({ workload, request, ...inputs, coordinatorNamespace }))
    replaceImages(workload, inputs.imageReplacements)
  }
  refuseProblems(problems)
  return { prepared, advice: prepared.flatMap(advise) }
}

interface InitializerNeeds {
  readonly workload: Workload
  readonly request: WorkloadRequest
  readonly initializerImage: string | undefined
  readonly imageReplacements: ImageReplacements
  readonly coordinatorNamespace: string | undefined
}

/** Puts the Initializer in, or takes it out where the workload wants none. */
function settleInitializer(needs: InitializerNeeds): readonly Problem[] {
  const { workload, request, initializerImage, imageReplacements, coordinatorNamespace } = needs
  const { securePv, workloadSecretId, skipInitializer } = request
  if (securePv !== undefined && workloadSecretId === "") {
    return [
      problemOf(workload, "secure-pv", "an encrypted disk needs a workload secret: leave out the empty secret id"),
    ]
  }
  if (initializerImage !== undefined && !skipInitializer) {
    // Replaced here already, so that a second run finds the same container.
    const image = imageReplacements.get(initializerImage) ?? initializerImage
    return injectInitializer(workload, { image, coordinatorNamespace, securePv })
  }
  const problems = skipInitializer ? removeInitializer(workload) : []
  if (securePv === undefined || hasInitializer(workload)) return problems
  const message = "nothing would open the encrypted disk, since the Initializer is skipped"
  return [...problems, problemOf(workload, "secure-pv", message)]
}

function advise({ workload, request: { securePv } }: PreparedWorkload): readonly string[] {
  const texts = [...annotationAdvice(workload), ...(securePv === undefined ? [] : securePvAdvice(workload, securePv))]
  return texts.map((text) => `${workload.file}: ${resourceOf(workload)}: ${text}`)
}
