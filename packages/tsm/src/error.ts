/** Why the kernel's interface gives no evidence. */
export type TsmErrorCode =
  /** There is no interface, or nothing behind it: the message says what was looked at. Fix the guest. */
  | "NO_PLATFORM"
  /** The provider is not the one that was found at first, or none that is known. Fix the guest. */
  | "PROVIDER"
  /** This guest may not ask for reports of VMPL 0. Fix the guest. */
  | "PRIVILEGE_LEVEL"
  /** The interface was busy or changed under us, several times. Retry later. */
  | "BUSY"
  /** Too many requests wait for the interface. Retry later. */
  | "LIMIT"
  /** The caller gave up before the request was made. */
  | "CANCELLED"
  /** The kernel refuses the request. Fix the guest. */
  | "REFUSED"
  /** The answer is none: too large, or not of the form of its platform. Stop. */
  | "ANSWER"
  /** The answer is about other report data than what was asked for. Stop. */
  | "REPORT_DATA"

/** The kernel's interface gives no evidence. */
export class TsmError extends Error {
  override readonly name = "TsmError"
  readonly code: TsmErrorCode

  constructor(code: TsmErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
