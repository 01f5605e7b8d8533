import { rename } from "node:fs/promises"
import { encodeHex, encodeSeedShareDocument, encodeUtf8 } from "@contrast/crypto"
import type { Manifest } from "@contrast/manifest"
import type { SetManifestResponse } from "@contrast/protocol"
import { fileExists } from "./file-reader.ts"
import { PUBLIC_MODE } from "./files.ts"
import { StagedFile } from "./staged-file.ts"
import { fileError } from "./system-error.ts"
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
   */
  async keep(
    response: SetManifestResponse,
    transition: Uint8Array | undefined,
  ): Promise<{ readonly files: readonly string[]; readonly setAside: string | undefined }> {
    const { SeedSharesDoc: document } = response
    const setAside = document && (await moveAside(this.#seedShares.path))
    const contents: readonly (readonly [StagedFile, Uint8Array | undefined])[] = [
      [this.#seedShares, document && encodeShares(document)],
      [this.#rootCa, response.RootCA],
      [this.#meshCa, response.MeshCA],
      [this.#latestTransition, transition && encodeUtf8(encodeHex(transition))],
      [this.#seenRootCa, response.RootCA],
    ]
    const files: string[] = []
    for (const [file, content] of contents) {
      if (content === undefined) continue
      await file.replace(content)
      await file.publish()
      files.push(file.path)
    }
    return { files, setAside }
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

/** Gives a file the first free name `file.1`, `file.2`, …; none if there is no such file. */
async function moveAside(path: string): Promise<string | undefined> {
  if (!(await fileExists(path))) return undefined
  let number = 1
  while (await fileExists(`${path}.${number}`)) number++
  try {
    await rename(path, `${path}.${number}`)
  } catch (error) {
    throw fileError("keep", path, error)
  }
  return `${path}.${number}`
}
