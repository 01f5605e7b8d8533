import { MAX_BATCH_ITEMS } from "./body-extent.ts"
import { TransitError } from "./error.ts"
import { MAX_KEY_VERSION, parseBase64, parseCiphertext, type Ciphertext } from "./ciphertext.ts"
import type { Operation } from "./route.ts"

/** The version that `key_version` 0, or none, stands for. */
const DEFAULT_KEY_VERSION = 1

/** What one encryption needs. */
export interface EncryptItem {
  readonly plaintext: Uint8Array
  readonly associatedData: Uint8Array | undefined
  readonly keyVersion: number
}

/** What one decryption needs. */
export interface DecryptItem {
  readonly ciphertext: Ciphertext
  readonly associatedData: Uint8Array | undefined
}

/** What one re-encryption needs. */
export interface RewrapItem extends DecryptItem {
  readonly keyVersion: number
}

/** What a data key needs. */
export interface DataKeyItem {
  readonly keyBytes: number
  readonly associatedData: Uint8Array | undefined
  readonly keyVersion: number
}

/** The JSON object of a request or of one batch item, its members not yet looked at. */
export type Fields = Readonly<Record<string, unknown>>

/** The body of a request: one item, or many in order. */
export type RequestBody =
  | { readonly kind: "single"; readonly fields: Fields }
  | { readonly kind: "batch"; readonly items: readonly unknown[]; readonly partialFailureStatus: number | undefined }

/** Parameters of Vault that change what the caller believes about a ciphertext, so ignoring them would be a lie. */
const UNSUPPORTED = ["context", "nonce", "convergent_encryption"]

const ITEM_FIELDS: Readonly<Record<Operation, readonly string[]>> = {
  encrypt: ["plaintext", "associated_data", "key_version", "type"],
  decrypt: ["ciphertext", "associated_data"],
  rewrap: ["ciphertext", "associated_data", "key_version"],
  "datakey/plaintext": ["bits", "associated_data", "key_version"],
  "datakey/wrapped": ["bits", "associated_data", "key_version"],
}

const KEY_TYPE = "aes256-gcm96"
const DATA_KEY_BITS: readonly unknown[] = [128, 256, 512]

/**
 * Reads the JSON body of a request, whose extent has been looked at. Items of a batch are read one by one later, since each may fail for itself.
 *
 * @throws {@link TransitError} `REQUEST`.
 */
export function parseRequestBody(operation: Operation, body: string): RequestBody {
  const fields = requireObject("the body", parseJson(body))
  if (!("batch_input" in fields)) return { kind: "single", fields }
  if (operation.startsWith("datakey")) throw new TransitError("REQUEST", "datakey takes no batch_input")
  refuseUnknown(fields, ["batch_input", "partial_failure_response_code"], " beside batch_input")
  return {
    kind: "batch",
    items: requireBatch(fields["batch_input"]),
    partialFailureStatus: parsePartialFailureStatus(fields["partial_failure_response_code"]),
  }
}

/** Reads what `encrypt` takes. @throws {@link TransitError} `REQUEST`. */
export function parseEncryptItem(fields: Fields): EncryptItem {
  checkFields("encrypt", fields)
  if (fields["type"] !== undefined && fields["type"] !== KEY_TYPE) {
    throw new TransitError("REQUEST", `type must be ${KEY_TYPE}`)
  }
  return {
    plaintext: parseBase64("plaintext", requireText("plaintext", fields)),
    associatedData: parseAssociatedData(fields),
    keyVersion: parseKeyVersion(fields["key_version"]),
  }
}

/** Reads what `decrypt` takes. @throws {@link TransitError} `REQUEST`. */
export function parseDecryptItem(fields: Fields): DecryptItem {
  checkFields("decrypt", fields)
  return parseSealedItem(fields)
}

/** Reads what `rewrap` takes. @throws {@link TransitError} `REQUEST`. */
export function parseRewrapItem(fields: Fields): RewrapItem {
  checkFields("rewrap", fields)
  return { ...parseSealedItem(fields), keyVersion: parseKeyVersion(fields["key_version"]) }
}

/** Reads what `datakey` takes. @throws {@link TransitError} `REQUEST`. */
export function parseDataKeyItem(fields: Fields): DataKeyItem {
  checkFields("datakey/plaintext", fields)
  const bits = fields["bits"] ?? 256
  if (!DATA_KEY_BITS.includes(bits)) throw new TransitError("REQUEST", "bits must be 128, 256 or 512")
  return {
    keyBytes: Number(bits) / 8,
    associatedData: parseAssociatedData(fields),
    keyVersion: parseKeyVersion(fields["key_version"]),
  }
}

/** Reads one member of `batch_input`: an object, whose `reference` is echoed in its result. */
export function parseBatchItem(item: unknown): { readonly fields: Fields; readonly reference: string | undefined } {
  const members = requireObject("an item of batch_input", item)
  if (!("reference" in members)) return { fields: members, reference: undefined }
  const { reference, ...fields } = members
  if (reference !== undefined && typeof reference !== "string") {
    throw new TransitError("REQUEST", "reference must be a string")
  }
  return { fields, reference }
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch (cause) {
    throw new TransitError("REQUEST", "the body must be a JSON object", { cause })
  }
}

function requireObject(what: string, value: unknown): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TransitError("REQUEST", `${what} must be a JSON object`)
  }
  return value as Fields // an object that is neither null nor an array has only string keys in JSON
}

function requireBatch(value: unknown): readonly unknown[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_BATCH_ITEMS) {
    throw new TransitError("REQUEST", `batch_input must be a list of 1 to ${MAX_BATCH_ITEMS} items`)
  }
  return value
}

function parsePartialFailureStatus(value: unknown): number | undefined {
  if (value === undefined) return undefined
  if (!isPartialFailureStatus(value)) {
    const known = "200 to 299 except 204 and 205, or 400 to 499"
    throw new TransitError("REQUEST", `partial_failure_response_code must be a status of ${known}`)
  }
  return value
}

/** Results need a status whose answers have a body and that sends no client elsewhere. */
function isPartialFailureStatus(value: unknown): value is number {
  if (typeof value !== "number" || !Number.isInteger(value) || value === 204 || value === 205) return false
  return (value >= 200 && value <= 299) || (value >= 400 && value <= 499)
}

function checkFields(operation: Operation, fields: Fields): void {
  const unsupported = UNSUPPORTED.find((name) => name in fields)
  if (unsupported !== undefined) throw new TransitError("REQUEST", `${unsupported} is not supported`)
  refuseUnknown(fields, ITEM_FIELDS[operation], "")
}

function refuseUnknown(fields: Fields, known: readonly string[], where: string): void {
  for (const name in fields) {
    if (!known.includes(name)) {
      throw new TransitError("REQUEST", `unknown parameter${where}; known are ${known.join(", ")}`)
    }
  }
}

function requireText(name: string, fields: Fields): string {
  const value = fields[name]
  if (typeof value !== "string") throw new TransitError("REQUEST", `${name} must be a string`)
  return value
}

function parseSealedItem(fields: Fields): DecryptItem {
  return {
    ciphertext: parseCiphertext(requireText("ciphertext", fields)),
    associatedData: parseAssociatedData(fields),
  }
}

function parseAssociatedData(fields: Fields): Uint8Array | undefined {
  if (fields["associated_data"] === undefined) return undefined
  return parseBase64("associated_data", requireText("associated_data", fields))
}

/** A number or, as newer clients send it, a decimal string. */
function parseKeyVersion(value: unknown): number {
  const version = typeof value === "string" && /^[0-9]{1,10}$/.test(value) ? Number(value) : (value ?? 0)
  if (typeof version !== "number" || !Number.isInteger(version) || version < 0 || version > MAX_KEY_VERSION) {
    throw new TransitError("REQUEST", `key_version must be 0 to ${MAX_KEY_VERSION}`)
  }
  return version === 0 ? DEFAULT_KEY_VERSION : version
}
