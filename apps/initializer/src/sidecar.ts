/** The life of a mounted volume: mounted, marked as done, held until stopped, taken off again. */
import { once } from "node:events"
import { removeDone, writeDone } from "./files.ts"
import { mountDevice, unmountDevice, type VolumeOptions } from "./volume.ts"

const HEARTBEAT_MS = 60_000

/**
 * Mounts the volume and keeps it mounted until the signal; only then does this return.
 *
 * @throws {@link InitializerError} as mountDevice and unmountDevice.
 */
export async function holdVolume(volume: VolumeOptions, rootDir: string, stop: AbortSignal): Promise<void> {
  await removeDone(rootDir)
  await mountDevice(volume)
  await writeDone(rootDir)
  await untilStopped(stop)
  volume.log.info("stopping; unmounting the volume", { mountPoint: volume.mountPoint })
  await unmountDevice(volume)
}

/** Signals alone do not keep a process alive; the timer does. */
async function untilStopped(stop: AbortSignal): Promise<void> {
  const heartbeat = setInterval(() => undefined, HEARTBEAT_MS)
  if (!stop.aborted) await once(stop, "abort")
  clearInterval(heartbeat)
}
