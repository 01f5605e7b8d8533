import type { Checklist } from "./checklist.ts"

/** Checks that the manifest has every value without which nothing can be judged; `absent` is the key of one that it has not. */
export function checkPresence(
  list: Pick<Checklist<"REFERENCE_VALUE_MISSING">, "check">,
  path: string,
  absent: string | undefined,
): boolean {
  return list.check("REFERENCE_VALUE_MISSING", {
    subject: path,
    passed: absent === undefined,
    expected: "every reference value",
    actual: absent === undefined ? "present" : `no ${absent}`,
    ...(absent !== undefined && { manifest: `${path}.${absent}` }),
  })
}
