import { randomBytes } from "node:crypto"
import type { TsmFiles } from "@contrast/tsm"
import { KERNEL_DIRECTORY } from "./remote-kernel.ts"

const REPORT_DATA_BYTES = 64
const MAX_BYTES = 64 * 1024

/** Takes a raw report or quote from a guest's kernel, as a person does by hand. */
export async function takeEvidence(kernel: TsmFiles): Promise<Uint8Array> {
  const entry = `${KERNEL_DIRECTORY}/by-hand`
  await kernel.makeDirectory(entry)
  await kernel.write(`${entry}/inblob`, randomBytes(REPORT_DATA_BYTES))
  const evidence = await kernel.read(`${entry}/outblob`, MAX_BYTES)
  await kernel.removeDirectory(entry)
  if (evidence === undefined) throw new RangeError(`expected at most ${MAX_BYTES} bytes of evidence`)
  return evidence
}
