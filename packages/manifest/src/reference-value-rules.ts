import { type ManifestProblem } from "./error.ts"
import { type LocatedReferenceValues } from "./reference-values.ts"
import { type GuestPolicy, type SnpReferenceValues } from "./snp-reference-values.ts"
import { type TdxReferenceValues } from "./tdx-reference-values.ts"

/** The key of each bit of the guest policy that is fixed, and what it may be: any other would let the host in. */
const FIXED_GUEST_POLICY: readonly (readonly [keyof GuestPolicy, string, readonly (number | boolean)[]])[] = [
  ["abiMinor", "ABIMinor", [0, 31]],
  ["abiMajor", "ABIMajor", [0]],
  ["smt", "SMT", [true]],
  ["migrateMa", "MigrateMA", [false]],
  ["debug", "Debug", [false]],
  ["singleSocket", "SingleSocket", [false]],
  ["cxlAllowed", "CXLAllowed", [false]],
  ["memAes256Xts", "MemAES256XTS", [false]],
  ["raplDis", "RAPLDis", [false]],
  ["cipherTextHidingDram", "CipherTextHidingDRAM", [false]],
]

/** JSON paths of the values that have still to be filled in. */
export function findMissingValues({ path, values }: LocatedReferenceValues): readonly string[] {
  const required = values.kind === "snp" ? requiredSnp(values) : values.kind === "tdx" ? requiredTdx(values) : {}
  return Object.entries(required)
    .filter(([, value]) => value === undefined)
    .map(([key]) => `${path}.${key}`)
}

/** The values that no manifest may have. */
export function findForbiddenValues({ path, values }: LocatedReferenceValues): readonly ManifestProblem[] {
  switch (values.kind) {
    case "snp":
      return [...findForbiddenGuestPolicy(path, values), ...findForbiddenFmcVersion(path, values)]
    case "tdx":
      return findForbiddenTdAttributes(path, values)
    case "insecure":
      return []
  }
}

function requiredSnp({ productName, trustedMeasurement, minimumTcb }: SnpReferenceValues): Record<string, unknown> {
  return {
    ProductName: productName,
    TrustedMeasurement: trustedMeasurement,
    "MinimumTCB.BootloaderVersion": minimumTcb.bootloaderVersion,
    "MinimumTCB.TEEVersion": minimumTcb.teeVersion,
    "MinimumTCB.SNPVersion": minimumTcb.snpVersion,
    "MinimumTCB.MicrocodeVersion": minimumTcb.microcodeVersion,
    ...(productName === "Turin" ? { "MinimumTCB.FMCVersion": minimumTcb.fmcVersion } : {}),
  }
}

function requiredTdx({ mrTd, mrSeam, rtmrs, xfam }: TdxReferenceValues): Record<string, unknown> {
  const registers = Array.from(rtmrs, (register, index): [string, unknown] => [`Rtmrs[${index}]`, register])
  return { MrTd: mrTd, MrSeam: mrSeam, ...Object.fromEntries<unknown>(registers), Xfam: xfam }
}

function findForbiddenGuestPolicy(path: string, { guestPolicy }: SnpReferenceValues): readonly ManifestProblem[] {
  return FIXED_GUEST_POLICY.filter(([property, , allowed]) => !allowed.includes(guestPolicy[property])).map(
    ([property, key, allowed]) => ({
      code: "REFERENCE_VALUE_FORBIDDEN",
      path: `${path}.GuestPolicy.${key}`,
      message: `expected ${allowed.join(" or ")}, got ${String(guestPolicy[property])}`,
    }),
  )
}

function findForbiddenFmcVersion(path: string, values: SnpReferenceValues): readonly ManifestProblem[] {
  const { productName, minimumTcb } = values
  if (minimumTcb.fmcVersion === undefined || productName === "Turin") return []
  const message = `expected it with the product Turin only, got it with ${productName ?? "none"}`
  return [{ code: "REFERENCE_VALUE_FORBIDDEN", path: `${path}.MinimumTCB.FMCVersion`, message }]
}

/** Each of the lowest eight attributes puts a TD under debugging (Intel TDX Module ABI): nothing in it is protected then. */
function findForbiddenTdAttributes(path: string, { tdAttributes }: TdxReferenceValues): readonly ManifestProblem[] {
  const debug = tdAttributes?.[0] ?? 0
  if (debug === 0) return []
  const message = `expected the first byte 00, got ${debug.toString(16).padStart(2, "0")}, which allows debugging`
  return [{ code: "REFERENCE_VALUE_FORBIDDEN", path: `${path}.TdAttributes`, message }]
}
