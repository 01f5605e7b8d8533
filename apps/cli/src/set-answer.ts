import { decodeUtf8, encodeHex, encodeSeedShareDocument, encodeUtf8 } from "@contrast/crypto"
import type { Manifest } from "@contrast/manifest"
import type { SetManifestResponse } from "@contrast/protocol"
import { CliError } from "./error.ts"
import { PUBLIC_MODE } from "./files.ts"
import { StagedFile } from "./staged-file.ts"
import type { Workspace } from "./workspace.ts"

const CA_BYTES = 64 * 1024
/** A share is the owner's key in hex and as much again in base64, for RSA of 16,384 bits at most. */
const SHARE_BYTES = 16 * 1024

/**
 * The files that a Coordinator's answer goes into. Room for them is taken before the manifest is sent: the seed shares
 * come once, and a disk that is full only then would lose them.
 */
export class SetAnswer {
  readonly #rootCa: StagedFile
  readonly #meshCa: StagedFile
  readonly #seedShares: StagedFile
  readonly #latestTransition: StagedFile
  readonly #seenRootCa: StagedFile

  private constructor(files: readonly [StagedFile, StagedFile, StagedFile, StagedFile, StagedFile]) {
    ;[this.#seedShares, this.#rootCa, this.#meshCa, this.#latestTransition, this.#seenRootCa] = files
  }

  /** @throws `CliError` `FILE_ACCESS` or `FILE_FULL`. */
  static async reserve(workspace: Workspace, { seedshareOwnerPubKeys }: Manifest): Promise<SetAnswer> {
    const staged: StagedFile[] = []
    const stage = async (path: string, size: number): Promise<StagedFile> => {
      const file = await StagedFile.create({ path, content: new Uint8Array(size), mode: PUBLIC_MODE })
      staged.push(file)
      return file
    }
    try {
      return new SetAnswer([
        await stage(workspace.path("seedShares"), SHARE_BYTES * (seedshareOwnerPubKeys.length + 1)),
        await stage(workspace.path("rootCa"), CA_BYTES),
        await stage(workspace.path("meshCa"), CA_BYTES),
        await stage(workspace.path("latestTransition"), CA_BYTES),
        await stage(workspace.path("seenRootCa"), CA_BYTES),
      ])
    } catch (error) {
      await Promise.all(staged.map((file) => file.discard()))
      throw error
    }
  }

  /**
   * Writes the answer's files; earlier seed shares get another name.
   *
   * @param transition - What the Coordinator's history ends with now, if that is known.
   * @throws {@link CliError} `SHARES_UNKEPT` with the seed shares in it; `FILE_ACCESS` or `FILE_FULL` for other files.
   */
  async keep(
    { SeedSharesDoc: shares, RootCA: rootCa, MeshCA: meshCa }: SetManifestResponse,
    transition: Uint8Array | undefined,
  ): Promise<{ readonly files: readonly string[]; readonly setAside: string | undefined }> {
    const setAside = shares && (await this.#keepShares(encodeShares(shares)))
    const contents: readonly (readonly [StagedFile, Uint8Array | undefined])[] = [
      [this.#rootCa, rootCa],
      [this.#meshCa, meshCa],
      [this.#latestTransition, transition && encodeUtf8(encodeHex(transition))],
      [this.#seenRootCa, rootCa],
    ]
    const files = shares === undefined ? [] : [this.#seedShares.path]
    for (const [file, content] of contents) {
      if (content === undefined) continue
      await file.replace(content)
      await file.publish()
      files.push(file.path)
    }
    return { files, setAside }
  }

  /** The Coordinator gives them once. Where no file will take them, the error carries them to whoever runs the command. */
  async #keepShares(document: Uint8Array): Promise<string | undefined> {
    try {
      await this.#seedShares.replace(document)
      return await this.#seedShares.publishBeside()
    } catch (cause) {
      const why = cause instanceof CliError ? cause.message : `cannot write ${this.#seedShares.path}`
      throw new CliError("SHARES_UNKEPT", `the manifest was set, but its seed shares were not kept: ${why}`, {
        cause,
        seedShares: decodeUtf8(document),
        hint: `they come only this once: save them from standard output as ${this.#seedShares.path}. They are encrypted to
the seed share owners; then run contrast verify for the certificates`,
      })
    }
  }

  /** Gives back the room that was not used. */
  async discard(): Promise<void> {
    const files = [this.#seedShares, this.#rootCa, this.#meshCa, this.#latestTransition, this.#seenRootCa]
    await Promise.all(files.map((file) => file.discard()))
  }
}

function encodeShares(document: NonNullable<SetManifestResponse["SeedSharesDoc"]>): Uint8Array {
  const seedShares = document.SeedShares.map(({ PublicKey: publicKey, EncryptedSeed: encryptedSeed }) => ({
    publicKey,
    encryptedSeed,
  }))
  return encodeSeedShareDocument({ seedShares, salt: document.salt })
}
