import { decodeBase64, encodeBase64 } from "@contrast/crypto"
import type { TsmFiles } from "@contrast/tsm"

/** Where the played kernels hand out evidence. */
export const KERNEL_DIRECTORY = "/config/tsm/report"

/** An operation on the files of a guest's kernel, as it travels. */
export interface KernelRequest {
  readonly operation: keyof TsmFiles
  readonly place: string
  /** Base64. */
  readonly bytes?: string
  readonly maxBytes?: number
}

/** What came of it. */
export interface KernelAnswer {
  /** Of a system error. */
  readonly code?: string
  readonly exists?: boolean
  /** Base64. */
  readonly bytes?: string
}

/** The files of a kernel that is played in another process. */
export function openRemoteKernel(url: string): TsmFiles {
  const perform = async (request: KernelRequest): Promise<KernelAnswer> => {
    const response = await fetch(url, { method: "POST", body: JSON.stringify(request) })
    const answer = (await response.json()) as KernelAnswer // both ends are ours
    if (answer.code !== undefined) throw Object.assign(new Error(answer.code), { code: answer.code })
    return answer
  }
  return {
    exists: async (place) => (await perform({ operation: "exists", place })).exists === true,
    makeDirectory: async (place) => {
      await perform({ operation: "makeDirectory", place })
    },
    removeDirectory: async (place) => {
      await perform({ operation: "removeDirectory", place })
    },
    write: async (place, bytes) => {
      await perform({ operation: "write", place, bytes: encodeBase64(bytes) })
    },
    read: async (place, maxBytes) => {
      const { bytes } = await perform({ operation: "read", place, maxBytes })
      return bytes === undefined ? undefined : decodeBase64(bytes)
    },
  }
}

/** Carries out what a guest asked for. */
export async function answerGuest(kernel: TsmFiles, request: KernelRequest): Promise<KernelAnswer> {
  try {
    return await carryOut(kernel, request)
  } catch (error) {
    if (error instanceof Error && "code" in error && typeof error.code === "string") return { code: error.code }
    throw error
  }
}

async function carryOut(kernel: TsmFiles, { operation, place, ...given }: KernelRequest): Promise<KernelAnswer> {
  switch (operation) {
    case "exists":
      return { exists: await kernel.exists(place) }
    case "makeDirectory":
      await kernel.makeDirectory(place)
      return {}
    case "removeDirectory":
      await kernel.removeDirectory(place)
      return {}
    case "write":
      await kernel.write(place, decodeBase64(given.bytes ?? ""))
      return {}
    case "read": {
      const bytes = await kernel.read(place, given.maxBytes ?? 0)
      return bytes === undefined ? {} : { bytes: encodeBase64(bytes) }
    }
  }
}
