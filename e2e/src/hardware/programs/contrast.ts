/** `contrast`, the whole program, with the roots of a played vendor where the shipped one has none to give. */
import { start } from "../../../../apps/cli/src/start.ts"
import { playedRoots } from "../surroundings.ts"

await start(playedRoots())
