/** `contrast-coordinator`, the whole program, on a played kernel and with the roots of its vendor. */
import { start } from "../../../../apps/coordinator/src/start.ts"
import { playedKernel, playedRoots } from "../surroundings.ts"

await start({ roots: playedRoots(), kernel: playedKernel() })
