/** What the JSON metadata of our volumes must say, member by member. */
import { decodeBase64 } from "@contrast/crypto/bytes"
import { HEADER_AREA_BYTES, KEYSLOT_BYTES, KEYSLOT_OFFSET, PBKDF_MEMORY_KIB, SECTOR_BYTES } from "./luks.ts"

/** A value that differs from volume to volume, within limits. */
interface Rule {
  readonly expected: string
  accepts(value: unknown): boolean
}

type Expectation = string | number | Rule | readonly Expectation[] | { readonly [member: string]: Expectation }

const CIPHER = "aes-xts-plain64"
const DIGEST_BYTES = 32

// A key slot that costs more than this would only hold up the start; cryptsetup aims at two seconds.
const MAX_ARGON2_PASSES = 10_000
const MAX_ARGON2_LANES = 4
const MAX_PBKDF2_ITERATIONS = 100_000_000

const metadata: Expectation = {
  keyslots: {
    "0": {
      type: "luks2",
      key_size: 96,
      af: { type: "luks1", stripes: 4000, hash: "sha256" },
      area: {
        type: "raw",
        offset: String(KEYSLOT_OFFSET),
        size: String(KEYSLOT_BYTES),
        encryption: CIPHER,
        key_size: 64,
      },
      kdf: {
        type: "argon2id",
        time: integerBetween(1, MAX_ARGON2_PASSES),
        memory: PBKDF_MEMORY_KIB,
        cpus: integerBetween(1, MAX_ARGON2_LANES),
        salt: base64Of(DIGEST_BYTES),
      },
    },
  },
  tokens: {},
  segments: {
    "0": {
      type: "crypt",
      offset: String(HEADER_AREA_BYTES),
      size: "dynamic",
      iv_tweak: "0",
      encryption: CIPHER,
      sector_size: SECTOR_BYTES,
      integrity: { type: "hmac(sha256)", journal_encryption: "none", journal_integrity: "none" },
    },
  },
  digests: {
    "0": {
      type: "pbkdf2",
      keyslots: ["0"],
      segments: ["0"],
      hash: "sha256",
      iterations: integerBetween(1, MAX_PBKDF2_ITERATIONS),
      salt: base64Of(DIGEST_BYTES),
      digest: base64Of(DIGEST_BYTES),
    },
  },
  config: { json_size: "12288", keyslots_size: String(HEADER_AREA_BYTES - KEYSLOT_OFFSET) },
}

/** Says how a volume's metadata first departs from the one accepted form, or `undefined` if it does not. */
export function findMetadataProblem(value: unknown): string | undefined {
  return findProblem("$", metadata, value)
}

function findProblem(path: string, expected: Expectation, got: unknown): string | undefined {
  if (typeof expected !== "object") {
    return got === expected ? undefined : describe(path, JSON.stringify(expected), got)
  }
  if (isRule(expected)) return expected.accepts(got) ? undefined : describe(path, expected.expected, got)
  if (Array.isArray(expected) !== Array.isArray(got) || typeof got !== "object" || got === null) {
    return describe(path, Array.isArray(expected) ? "an array" : "an object", got)
  }
  return findMemberProblem(path, new Map(Object.entries(expected)), new Map(Object.entries(got)))
}

function findMemberProblem(
  path: string,
  expected: ReadonlyMap<string, Expectation>,
  got: ReadonlyMap<string, unknown>,
): string | undefined {
  for (const name of got.keys()) {
    if (!expected.has(name)) return `${path}.${name} must not be there`
  }
  for (const [name, member] of expected) {
    if (!got.has(name)) return `${path}.${name} is missing`
    const problem = findProblem(`${path}.${name}`, member, got.get(name))
    if (problem !== undefined) return problem
  }
  return undefined
}

function describe(path: string, expected: string, got: unknown): string {
  return `${path}: expected ${expected}, got ${JSON.stringify(got)}`
}

function isRule(expected: Exclude<Expectation, string | number>): expected is Rule {
  return "accepts" in expected && typeof expected.accepts === "function"
}

function integerBetween(min: number, max: number): Rule {
  return {
    expected: `an integer from ${min} to ${max}`,
    accepts: (value) => typeof value === "number" && Number.isInteger(value) && value >= min && value <= max,
  }
}

function base64Of(bytes: number): Rule {
  return {
    expected: `${bytes} bytes in base64`,
    accepts: (value) => typeof value === "string" && sizeOf(value) === bytes,
  }
}

function sizeOf(text: string): number | undefined {
  try {
    return decodeBase64(text).length
  } catch {
    return undefined
  }
}
