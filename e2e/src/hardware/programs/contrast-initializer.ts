/** `contrast-initializer`, the whole program, on a played kernel. */
import { start } from "../../../../apps/initializer/src/start.ts"
import { playedKernel } from "../surroundings.ts"

await start(playedKernel())
