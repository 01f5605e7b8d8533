import { CryptoError, equalBytes, parseCertificatesPem } from "@contrast/crypto"
import { CliError } from "./error.ts"
import { findFileBounded } from "./file-reader.ts"
import type { SeenRule } from "./history.ts"
import type { Workspace } from "./workspace.ts"

/** The root CA that a workspace has seen last. */
export interface KnownRoot {
  readonly path: string
  /** DER. The certificate around it is issued anew with each manifest and each recovery. */
  readonly publicKey: Uint8Array
}

const MAX_BYTES = 64 * 1024

/**
 * The root CA of the Coordinator that this workspace knows: as it was seen last, or as somebody put it there.
 *
 * @throws {@link CliError} `FILE_CONTENT` when the file is damaged: it must not count as if nothing had been seen.
 */
export async function findKnownRoot(workspace: Workspace): Promise<KnownRoot | undefined> {
  for (const path of [workspace.path("seenRootCa"), workspace.path("rootCa")]) {
    const pem = await findFileBounded(path, MAX_BYTES)
    if (pem === undefined) continue
    const publicKey = findPublicKey(pem)
    if (publicKey !== undefined) return { path, publicKey }
    throw new CliError("FILE_CONTENT", `${path} is damaged: expected a certificate in PEM`, {
      hint: "put it back from a backup; if you remove it, a Coordinator with another seed will not be noticed once",
    })
  }
  return undefined
}

/**
 * Refuses a Coordinator that has no manifest, and so no root CA, where one was seen before: its data is gone, and what it is
 * given now will be under another seed.
 *
 * @throws {@link CliError} `ROOT_CA_DIFFERS`, unless that is accepted, which is said loudly.
 */
export function requireNoKnownRoot(known: KnownRoot | undefined, { acceptRollback, output }: SeenRule): void {
  if (known === undefined) return
  const message = `the Coordinator has never had a manifest, and ${known.path} holds the root CA of one that had`
  if (acceptRollback) {
    output.warn(`ROLLBACK ACCEPTED: ${message}`)
    return
  }
  throw new CliError("ROOT_CA_DIFFERS", message, {
    hint: `its data may be lost or wiped, or this is another Coordinator: put its data back and recover it, or all secrets will be
others. If you are starting over, run again with --accept-rollback, or move ${known.path} away`,
  })
}

/**
 * Refuses a Coordinator with another root CA key than was seen before. The key comes from the seed and lasts as long as
 * that, so this is another Coordinator, even if it was given the very same manifests.
 *
 * @throws {@link CliError} `ROOT_CA_DIFFERS`, unless that is accepted, which is said loudly; `ANSWER` if it sent none.
 */
export function requireKnownRoot(
  rootCa: Uint8Array,
  known: KnownRoot | undefined,
  { acceptRollback, output }: SeenRule,
): void {
  const publicKey = findPublicKey(rootCa)
  if (publicKey === undefined) throw new CliError("ANSWER", "the Coordinator sent no root CA certificate")
  if (known === undefined || equalBytes(publicKey, known.publicKey)) return
  const message = `the Coordinator's root CA key is not the one in ${known.path}: it has another seed`
  if (acceptRollback) {
    output.warn(`ROLLBACK ACCEPTED: ${message}`)
    return
  }
  throw new CliError("ROOT_CA_DIFFERS", message, {
    hint: `no manifest and no recovery changes that key, so someone may have started another Coordinator with your manifests:
send nothing to it. If you started the deployment over yourself, run again with --accept-rollback`,
  })
}

function findPublicKey(pem: Uint8Array): Uint8Array | undefined {
  try {
    return parseCertificatesPem(pem)[0].subjectPublicKeyInfo
  } catch (error) {
    if (error instanceof CryptoError) return undefined
    throw error
  }
}
