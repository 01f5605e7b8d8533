import type { Scene } from "./scene.ts"

/** One step of the story. The demo tells it to a person, the test runs it as a test of this title. */
export interface Step {
  /** A sentence about behaviour. */
  readonly title: string
  /** Why the system does it this way. */
  readonly why: string
  /** An external tool without which the step is left out. */
  readonly needs?: string
  /** Plays the step and checks all that the title claims; returns what there was to see. */
  act(scene: Scene): Promise<readonly string[]>
}
