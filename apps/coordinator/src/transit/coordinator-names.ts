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
  const fitting = names.filter((_name, index) => lengthOf(names.slice(0, index + 1)) <= MAX_CHARACTERS)
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

function lengthOf(names: readonly string[]): number {
  return names.reduce((length, name) => length + name.length, 0)
}
