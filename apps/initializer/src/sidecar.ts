/** The life of a mounted volume: mounted, marked as done, held until stopped, taken off again. */
import { once } from "node:events"
import { setImmediate as nextTurn } from "node:timers/promises"
import { removeDone, writeDone } from "./files.ts"
import { mountDevice, unmountDevice, type VolumeOptions, type VolumePlace } from "./volume.ts"

const HEARTBEAT_MS = 60_000

/**
 * Mounts the volume and keeps it mounted until the signal; only then does this return.
 *
 * @throws {@link InitializerError} as mountDevice and unmountDevice.
 */
export async function holdVolume(volume: VolumeOptions, rootDir: string, stop: AbortSignal): Promise<void> {
  await removeDone(rootDir)
  await mountDevice(volume)
  await holdMounted(volume, rootDir, stop)
}

/**
 * Keeps a volume mounted until the signal, and takes it off. The mark stands only as long as the volume can be relied
 * on: an application that sees it may start, and would write past a volume that is on its way out.
 *
 * @throws {@link InitializerError} as unmountDevice.
 */
export async function holdMounted(volume: VolumePlace, rootDir: string, stop: AbortSignal): Promise<void> {
  await hearSignals()
  if (!stop.aborted) {
    await writeDone(rootDir)
    await untilStopped(stop)
  }
  await removeDone(rootDir)
  volume.log.info("stopping; unmounting the volume", { mountPoint: volume.mountPoint })
  await unmountDevice(volume)
}

/** A signal that came while a program ran is heard between two turns of the event loop: the second follows its polling. */
async function hearSignals(): Promise<void> {
  await nextTurn()
  await nextTurn()
}

/** Signals alone do not keep a process alive; the timer does. */
async function untilStopped(stop: AbortSignal): Promise<void> {
  const heartbeat = setInterval(() => undefined, HEARTBEAT_MS)
  if (!stop.aborted) await once(stop, "abort")
  clearInterval(heartbeat)
}
