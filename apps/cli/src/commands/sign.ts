import type { KeyObject } from "node:crypto"
import { encodeHex } from "@contrast/crypto"
import {
  NO_TRANSITION,
  nextTransition,
  ownerSignatureMessage,
  signTransition,
  transitionHash,
} from "@contrast/manifest"
import type { Context } from "../context.ts"
import { writeFiles } from "../files.ts"
import { readManifestFile } from "../manifest-file.ts"
import type { Report } from "../output.ts"
import { readOwnerKey } from "../owner-key-file.ts"
import { isStandardOutput } from "../streams.ts"
import { findLatestTransition, parseTransitionFlag } from "../transition-file.ts"

export interface SignOptions {
  readonly manifest?: string
  readonly workloadOwnerKey?: string
  readonly latestTransition?: string
  readonly prepare?: true
  readonly out: string
}

/** Signs the transition to a manifest, or writes what is to be signed. */
export async function sign(context: Context, options: SignOptions): Promise<Report> {
  const { workspace, output } = context
  const { path, bytes } = await readManifestFile(workspace.path("manifest", options.manifest))
  const previous = await previousTransition(context, options.latestTransition)
  const next = transitionHash(nextTransition(bytes, previous))
  const { content, hint } = options.prepare
    ? {
        content: ownerSignatureMessage(next),
        hint: `sign it with: openssl dgst -sha256 -sign KEY -out transition.sig ${options.out}`,
      }
    : {
        content: signTransition(await readKey(context, options), next),
        hint: `set the manifest with: contrast set --signature ${options.out}`,
      }
  const isLeftOut = await isStandardOutput(options.out)
  await writeFiles([{ path: options.out, content }])
  if (!isLeftOut) output.hint(hint)
  const data = {
    manifest: path,
    previousTransition: encodeHex(previous),
    nextTransition: encodeHex(next),
    out: options.out,
    prepared: options.prepare === true,
  }
  return { data, text: data.nextTransition, isLeftOut }
}

function readKey({ workspace, output }: Context, { workloadOwnerKey }: SignOptions): Promise<KeyObject> {
  return readOwnerKey("workload", workspace.path("workloadOwnerKey", workloadOwnerKey), output)
}

async function previousTransition({ workspace, output }: Context, flag: string | undefined): Promise<Uint8Array> {
  if (flag !== undefined) return parseTransitionFlag(flag)
  const seen = await findLatestTransition(workspace.path("latestTransition"))
  if (seen === undefined) {
    output.warn("no transition was seen yet, so this signs a first manifest; for an update run contrast verify before")
  }
  return seen ?? NO_TRANSITION
}
