import { decodeUtf8, encodeHex, encodeSeedShareDocument, encodeUtf8 } from "@contrast/crypto"
import type { Manifest } from "@contrast/manifest"
import type { SetManifestResponse } from "@contrast/protocol"
import { CliError } from "./error.ts"
import { PUBLIC_MODE } from "./files.ts"
import { StagedFile } from "./staged-file.ts"
import type { Workspace, WorkspaceFile } from "./workspace.ts"

const CA_BYTES = 64 * 1024
/** A share is the owner's key in hex and as much again in base64, for RSA of 16,384 bits at most. */
const SHARE_BYTES = 16 * 1024

type AnswerFile = Extract<WorkspaceFile, "seedShares" | "rootCa" | "meshCa" | "latestTransition" | "seenRootCa">
type AnswerFiles = Readonly<Record<AnswerFile, StagedFile>>

/**
 * The files that a Coordinator's answer goes into. Room for them is taken before the manifest is sent: the seed shares
 * come once, and a disk that is full only then would lose them.
 */
export class SetAnswer {
  readonly #files: AnswerFiles

  private constructor(files: AnswerFiles) {
    this.#files = files
  }

  /** @throws `CliError` `FILE_ACCESS` or `FILE_FULL`. */
  static async reserve(workspace: Workspace, { seedshareOwnerPubKeys }: Manifest): Promise<SetAnswer> {
    const staged: StagedFile[] = []
    const stage = async (name: AnswerFile, size: number): Promise<StagedFile> => {
      const content = new Uint8Array(size)
      const file = await StagedFile.create({ path: workspace.path(name), content, mode: PUBLIC_MODE })
      staged.push(file)
      return file
    }
    try {
      return new SetAnswer({
        seedShares: await stage("seedShares", SHARE_BYTES * (seedshareOwnerPubKeys.length + 1)),
        rootCa: await stage("rootCa", CA_BYTES),
        meshCa: await stage("meshCa", CA_BYTES),
        latestTransition: await stage("latestTransition", CA_BYTES),
        seenRootCa: await stage("seenRootCa", CA_BYTES),
      })
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
    const { seedShares, ...others } = this.#files
    const contents: readonly (readonly [StagedFile, Uint8Array | undefined])[] = [
      [others.rootCa, rootCa],
      [others.meshCa, meshCa],
      [others.latestTransition, transition && encodeUtf8(encodeHex(transition))],
      [others.seenRootCa, rootCa],
    ]
    const files = shares === undefined ? [] : [seedShares.path]
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
    const { seedShares } = this.#files
    try {
      await seedShares.replace(document)
      return await seedShares.publishBeside()
    } catch (cause) {
      const why = cause instanceof CliError ? cause.message : `cannot write ${seedShares.path}`
      throw new CliError("SHARES_UNKEPT", `the manifest was set, but its seed shares were not kept: ${why}`, {
        cause,
        seedShares: decodeUtf8(document),
        hint: `they come only this once: save them from standard output as ${seedShares.path}. They are encrypted to
the seed share owners; then run contrast verify for the certificates`,
      })
    }
  }

  /** Gives back the room that was not used. */
  async discard(): Promise<void> {
    await Promise.all(Object.values(this.#files).map((file) => file.discard()))
  }
}

function encodeShares(document: NonNullable<SetManifestResponse["SeedSharesDoc"]>): Uint8Array {
  const seedShares = document.SeedShares.map(({ PublicKey: publicKey, EncryptedSeed: encryptedSeed }) => ({
    publicKey,
    encryptedSeed,
  }))
  return encodeSeedShareDocument({ seedShares, salt: document.salt })
}
