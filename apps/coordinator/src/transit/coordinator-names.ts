import { parseSubjectAltNames } from "@contrast/crypto"
import type { Manifest } from "@contrast/manifest"

/** The service of every deployment's Coordinators. */
const SERVICE_NAME = "coordinator"
/** A certificate must stay one that every TLS stack takes. */
const MAX_CHARACTERS = 16 * 1024

/**
 * What clients may call the Coordinator: the names of all Coordinators of the manifest, for any may be the one that is called.
 * A manifest need give none, and one of an earlier time may give names that no certificate can carry; the server has to have a
 * certificate all the same.
 */
export function coordinatorNames({ policies }: Manifest): readonly string[] {
  const entries = [...policies.values()].filter(({ role }) => role === "coordinator")
  const names = [...new Set(entries.flatMap(({ sans }) => sans))].filter(isUsable)
  const fitting = fitFrom(names)
  return fitting.length > 0 ? fitting : [SERVICE_NAME]
}

function isUsable(name: string): boolean {
  try {
    parseSubjectAltNames([name])
    return true
  } catch {
    return false
  }
}

/** As many of the first names as fit: a manifest may give so many that adding them up for each would take seconds. */
function fitFrom(names: readonly string[]): readonly string[] {
  let length = 0
  const end = names.findIndex((name) => (length += name.length) > MAX_CHARACTERS)
  return end === -1 ? names : names.slice(0, end)
}
