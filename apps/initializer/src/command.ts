/** What a command line asks for. Pure. */
import { parseArgs, type ParseArgsConfig } from "node:util"
import { InitializerError } from "./error.ts"

export interface InitializeCommand {
  readonly kind: "initialize"
  readonly rootDir: string
  readonly insecureHostData: string | undefined
}

/** Mounts a volume alone, with the secret of an earlier start. */
export interface CryptsetupCommand {
  readonly kind: "cryptsetup"
  readonly rootDir: string
  readonly devicePath: string
  readonly mountPoint: string
}

export type Command =
  | InitializeCommand
  | CryptsetupCommand
  /** Removes the guest's default-deny rule alone. */
  | { readonly kind: "open-ports" }
  | { readonly kind: "help" }
  | { readonly kind: "version" }

const options = {
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "V" },
  "root-dir": { type: "string", default: "/" },
  "insecure-host-data": { type: "string" },
  "device-path": { type: "string", short: "d" },
  "mount-point": { type: "string", short: "m" },
} as const satisfies ParseArgsConfig["options"]

type Flags = ReturnType<typeof parseFlags>["values"]

/** @throws {@link InitializerError} `CONFIG`. */
export function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parseFlags(args)
  if (values.help === true) return { kind: "help" }
  if (values.version === true) return { kind: "version" }
  const name = positionals.join(" ")
  switch (name) {
    case "":
      return initializeCommand(values)
    case "cryptsetup":
      return cryptsetupCommand(values)
    case "open-ports":
      return openPortsCommand(values)
    default:
      throw usageError(`there is no command ${JSON.stringify(name)}`)
  }
}

function initializeCommand(flags: Flags): InitializeCommand {
  refuseVolumeFlags(flags)
  return { kind: "initialize", rootDir: flags["root-dir"], insecureHostData: flags["insecure-host-data"] }
}

function cryptsetupCommand(flags: Flags): CryptsetupCommand {
  const { "device-path": devicePath, "mount-point": mountPoint } = flags
  if (devicePath === undefined || mountPoint === undefined) {
    throw usageError("cryptsetup needs --device-path and --mount-point")
  }
  for (const path of [devicePath, mountPoint]) {
    if (!path.startsWith("/")) throw usageError(`expected an absolute path, got ${JSON.stringify(path)}`)
  }
  return { kind: "cryptsetup", rootDir: flags["root-dir"], devicePath, mountPoint }
}

function openPortsCommand(flags: Flags): Command {
  refuseVolumeFlags(flags)
  return { kind: "open-ports" }
}

function refuseVolumeFlags(flags: Flags): void {
  if (flags["device-path"] !== undefined || flags["mount-point"] !== undefined) {
    throw usageError("--device-path and --mount-point belong to the command cryptsetup")
  }
}

function parseFlags(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true })
  } catch (cause) {
    throw usageError("the options are not right", cause)
  }
}

function usageError(problem: string, cause?: unknown): InitializerError {
  return new InitializerError("CONFIG", `${problem}; --help lists what there is`, { cause })
}
