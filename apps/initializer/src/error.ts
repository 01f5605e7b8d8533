/** Why the Initializer stopped. Callers decide on this, never on the message. */
export type InitializerErrorCode =
  // Usage and surroundings: fix the configuration
  | "CONFIG"
  | "FIREWALL"
  | "PLATFORM"
  // Enrolment
  | "ANSWER"
  | "OTHER_DEPLOYMENT"
  | "STOPPED"
  // External programs
  | "PROGRAM_ABSENT"
  | "PROGRAM_FAILED"
  | "PROGRAM_TIMEOUT"
  // The block device
  | "DEVICE_ABSENT"
  | "DEVICE_TYPE"
  | "DEVICE_ACCESS"
  | "DEVICE_BUSY"
  | "DEVICE_TOO_SMALL"
  | "DEVICE_NOT_EMPTY"
  | "DEVICE_EMPTY"
  // The volume on it
  | "VOLUME_HEADER"
  | "VOLUME_SECRET"
  | "VOLUME_FOREIGN_SECRET"
  | "VOLUME_DAMAGED"
  | "VOLUME_INCOMPLETE"
  | "VOLUME_BUSY"
  // Where it is mounted
  | "MOUNT_POINT_ABSENT"
  | "MOUNT_POINT_BUSY"
  | "MOUNT_FAILED"
  | "MEMORY_STORAGE"

/** A refusal or failure of this program. The message says what to do and never holds a secret. */
export class InitializerError extends Error {
  override readonly name: string = "InitializerError"
  readonly code: InitializerErrorCode

  constructor(code: InitializerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** The message of an error and of what caused it, for a person. */
export function reasonOf(error: unknown): string {
  if (typeof error !== "object" || error === null || !("message" in error)) return "unknown reason"
  const cause = "cause" in error && error.cause !== undefined ? `: ${reasonOf(error.cause)}` : ""
  return `${String(error.message)}${cause}`
}

/** The code of an error, if it has one. */
export function findCode(error: unknown): string | undefined {
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : undefined
}

/** The exit code of a program that failed with this. */
export function exitCodeOf(error: unknown): number {
  return findCode(error) === "CONFIG" ? 2 : 1
}
