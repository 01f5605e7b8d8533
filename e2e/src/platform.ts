import type { Platform as PlatformName } from "@contrast/manifest"
import { builtProgram, type ProgramCommand } from "./program.ts"

/** What a program is started with. */
export interface Surroundings {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** The machines that a deployment runs on, as the programs get to know of them. */
export interface Platform {
  readonly name: PlatformName
  /** The runtime class of its workloads, before `generate` has put in the platform's own. */
  readonly runtimeClass: "contrast-insecure" | "contrast-cc"
  readonly generateFlags: readonly string[]
  readonly command: ProgramCommand
  /** The environment of every program. */
  readonly env: Readonly<Record<string, string>>
  /** What makes a program a guest whose host was given this policy hash, in hex. */
  guest(hostData: string): Surroundings
  /** Fills in what `generate` cannot know: the text of the manifest, with all reference values. */
  completeManifest(text: string): string
}

/** No hardware: the programs attest whatever hash they are told. */
export const insecurePlatform: Platform = {
  name: "Metal-QEMU-Insecure",
  runtimeClass: "contrast-insecure",
  generateFlags: ["--INSECURE"],
  command: builtProgram,
  env: {},
  guest: (hostData) => ({
    args: ["--insecure-host-data", hostData],
    env: { CONTRAST_ALLOW_INSECURE: "1" },
  }),
  completeManifest: (text) => text,
}
