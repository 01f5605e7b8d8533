import { combineStatus, isOutOfDate, type TcbRating, type TcbStatus } from "./tcb-status.ts"

/** How old the parts of a platform are, each on its own. */
export interface TcbParts {
  readonly platform: TcbRating
  /** Absent for a module that the platform's level covers, and for enclaves. */
  readonly module: TcbRating | undefined
  readonly qe: TcbRating
}

/** How old a platform is as a whole. */
export interface TcbAssessment extends TcbParts {
  /** `undefined` if a part has a status that does not combine. */
  readonly status: TcbStatus | undefined
  /** The day of the platform's level. */
  readonly tcbDate: string
  /** Intel's advisories that are open, of all parts, sorted. */
  readonly advisories: readonly string[]
  /** Whether nothing but the TDX module needs an update. */
  readonly onlyModuleOutOfDate: boolean
}

/** Puts the parts together as Intel's own library does: the platform with its module, then with the quoting enclave. */
export function assessTcb({ platform, module, qe }: TcbParts): TcbAssessment {
  const withModule = module ? combineStatus(platform.status, module.status) : platform.status
  const status = withModule && combineStatus(withModule, qe.status)
  const withoutModule = combineStatus(platform.status, qe.status)
  return {
    ...{ platform, module, qe, status },
    tcbDate: platform.tcbDate,
    advisories: [...new Set([platform, module, qe].flatMap((part) => part?.advisories ?? []))].sort(),
    onlyModuleOutOfDate:
      status !== undefined && isOutOfDate(status) && withoutModule !== undefined && !isOutOfDate(withoutModule),
  }
}
