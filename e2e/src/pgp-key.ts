import { mkdir } from "node:fs/promises"
import { execa, execaSync } from "execa"

const KEY_TIMEOUT_MS = 60_000

/** Why what needs GnuPG is left out, or undefined if it is there. */
export function findMissingGnupg(): string | undefined {
  return execaSync("gpg", ["--version"], { reject: false }).failed ? "skipped: no gpg" : undefined
}

/** A person with a PGP key, in a folder of her own. */
export class PgpOwner {
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
  }

  static async create(folder: string): Promise<PgpOwner> {
    await mkdir(folder, { mode: 0o700 })
    const owner = new PgpOwner(folder)
    const unprotected = ["--batch", "--pinentry-mode", "loopback", "--passphrase", ""]
    const key = ["--quick-generate-key", "operator@example.org", "default", "default", "never"]
    await owner.shell(`gpg "$@"`, [...unprotected, ...key])
    return owner
  }

  /** The public key, armoured. */
  publicKey(): Promise<string> {
    return this.shell("gpg --armor --export operator@example.org")
  }

  /** Runs commands in the folder; gives what they print. */
  async shell(script: string, args: readonly string[] = []): Promise<string> {
    const env = { PATH: "/usr/bin:/bin", GNUPGHOME: this.#folder }
    const options = { cwd: this.#folder, env, extendEnv: false, timeout: KEY_TIMEOUT_MS } as const
    const { stdout } = await execa("/bin/sh", ["-ec", script, "sh", ...args], options)
    return stdout
  }

  /** Ends the agent that GnuPG started. */
  async close(): Promise<void> {
    await this.shell("gpgconf --kill gpg-agent")
  }
}
