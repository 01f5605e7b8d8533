/** Cases of each property; a long run sets `FUZZ_RUNS`. */
export const FUZZ_RUNS = Number(process.env["FUZZ_RUNS"] ?? 300)
