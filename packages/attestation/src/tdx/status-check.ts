import type { Checklist } from "../checklist.ts"
import { LEVEL_CODES, type TdxCode } from "./codes.ts"
import type { ModuleRating } from "./level-checks.ts"
import type { TdxQuote } from "./quote.ts"
import { assessTcb, type TcbAssessment } from "./tcb-assessment.ts"
import type { TcbInfo } from "./tcb-info.ts"
import { isModuleUpdated } from "./tcb-level.ts"
import { describeRating, type TcbRating } from "./tcb-status.ts"

/** How old each part is; a part that is not known has failed its own check. */
export interface Ratings {
  readonly platform: TcbRating | undefined
  readonly module: ModuleRating
  readonly qe: TcbRating | undefined
}

/** Checks that the platform as a whole is up to date. @returns how old it is, if every part is known. */
export function checkStatus(
  list: Checklist<TdxCode>,
  { body }: TdxQuote,
  info: TcbInfo,
  { platform, module, qe }: Ratings,
): TcbAssessment | undefined {
  if (platform === undefined || qe === undefined || !module.known) {
    const because = [...LEVEL_CODES, "QE_TCB_LEVEL", "QE_IDENTITY_MISSING", "QE_IDENTITY_FORM"] as const
    list.skip(["TCB_STATUS"], "PCK_EXTENSIONS", ...because)
    return undefined
  }
  const tcb = assessTcb({ platform, module: module.rating, qe })
  const parts = Object.entries({ platform, module: module.rating, qe }).flatMap(([name, rating]) =>
    rating && rating.status !== "UpToDate" ? [`${name} ${describeRating(rating)}`] : [],
  )
  const relaunch = body.kind === "td" && tcb.onlyModuleOutOfDate && isModuleUpdated(info, body.teeTcbSvn2)
  list.check("TCB_STATUS", {
    subject: "platform",
    passed: tcb.status === "UpToDate",
    expected: "UpToDate",
    actual: [tcb.status ?? "unknown", ...parts, ...(relaunch ? ["relaunch the TD: its host was updated"] : [])].join(
      "; ",
    ),
  })
  return tcb
}
