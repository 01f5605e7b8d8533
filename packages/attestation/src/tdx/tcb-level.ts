import type { ModuleVersion, PlatformLevel, SvnLevel, TcbInfo } from "./tcb-info.ts"

/** What is compared with the levels. */
export interface PlatformTcb {
  /** Of the platform's certificate. */
  readonly components: readonly number[]
  readonly pceSvn: number
  /** TEE_TCB_SVN of a TD; absent for an enclave. */
  readonly teeTcbSvn: Uint8Array | undefined
}

/** With a versioned module, the first two components are judged by the module's own levels. */
const FIRST_AFTER_MODULE = 2

/** The highest level that the platform reaches in every component. */
export function findPlatformLevel(
  levels: readonly PlatformLevel[],
  { components, pceSvn, teeTcbSvn }: PlatformTcb,
): PlatformLevel | undefined {
  const first = moduleVersionOf(teeTcbSvn) > 0 ? FIRST_AFTER_MODULE : 0
  const reaches = (own: ArrayLike<number>, level: readonly number[], from: number): boolean =>
    level.every((svn, index) => index < from || (own[index] ?? 0) >= svn)
  return levels.find(
    (level) =>
      reaches(components, level.sgx, 0) &&
      pceSvn >= level.pceSvn &&
      (teeTcbSvn === undefined || reaches(teeTcbSvn, level.tdx, first)),
  )
}

/** The major version of the TDX module; 0 if the module has none and is part of the platform's level. */
export function moduleVersionOf(teeTcbSvn: Uint8Array | undefined): number {
  return teeTcbSvn?.[1] ?? 0
}

/** What Intel says of the module of this major version. */
export function findModuleVersion({ moduleVersions }: TcbInfo, version: number): ModuleVersion | undefined {
  return moduleVersions.find(({ id }) => id === `tdx_${version.toString(16).padStart(2, "0")}`)
}

/** The newest level that a security version reaches. */
export function findSvnLevel(levels: readonly SvnLevel[], isvSvn: number): SvnLevel | undefined {
  return levels.find((level) => isvSvn >= level.isvSvn)
}

/**
 * Whether the module that runs now is the newest, so that a TD which is started anew is up to date.
 *
 * @param teeTcbSvn2 - TEE_TCB_SVN_2 of the body of TDX 1.5.
 */
export function isModuleUpdated(info: TcbInfo, teeTcbSvn2: Uint8Array | undefined): boolean {
  if (teeTcbSvn2 === undefined) return false
  const [newest] = findModuleVersion(info, moduleVersionOf(teeTcbSvn2))?.levels ?? []
  const [highest] = info.levels
  return (
    newest !== undefined &&
    (teeTcbSvn2[0] ?? 0) >= newest.isvSvn &&
    (teeTcbSvn2[FIRST_AFTER_MODULE] ?? 0) >= (highest?.tdx[FIRST_AFTER_MODULE] ?? 0)
  )
}
