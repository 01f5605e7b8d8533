/** What a store tells while it works. */
export interface CollateralEvents {
  asking(what: string): void
  problem(sentence: string): void
}

/** For whoever does not listen. */
export const SILENT: CollateralEvents = { asking: () => undefined, problem: () => undefined }
