import type { AmdQuery } from "@contrast/attestation"
import {
  AMD_TCB,
  amdHardwareId,
  amdTestRoots,
  intelAuthorities,
  issueAmdCrl,
  issueAmdLeaf,
} from "@contrast/test-authority"
import { type CollateralOptions, type CollateralStore, createCollateralStore, createMemoryCache } from "../src/index.ts"
import { serve, VendorServer } from "./vendor-server.ts"

const { fmc, ...MILAN_TCB } = AMD_TCB
const HEX_CHIP_ID = Buffer.from(amdHardwareId("Milan")).toString("hex")

/** The played vendors, whom the stores believe. */
export const ROOTS = { amdRoots: amdTestRoots(), intelRoot: intelAuthorities().root.certificate }
export const NOW = new Date("2026-03-01T00:00:00Z")
export const CRL_PATH = "/vcek/v1/Milan/crl"
export const LEAF_PATH = `/vcek/v1/Milan/${HEX_CHIP_ID}?blSPL=03&teeSPL=00&snpSPL=08&ucodeSPL=115`
export const QUERY: AmdQuery = {
  line: "Milan",
  kind: "VCEK",
  chipId: amdHardwareId("Milan"),
  reportedTcb: MILAN_TCB,
  wanted: { leaf: true, crl: true },
}
export const TURIN_QUERY: AmdQuery = {
  line: "Turin",
  kind: "VCEK",
  chipId: new Uint8Array([...amdHardwareId("Turin"), ...new Uint8Array(56)]),
  reportedTcb: { ...MILAN_TCB, fmc },
  wanted: { leaf: true, crl: true },
}
export const LEAF = issueAmdLeaf()
/** From the beginning of 2026 to its end. */
export const CRL = issueAmdCrl()
export const OLDER_CRL = issueAmdCrl({ thisUpdate: new Date("2025-12-01T00:00:00Z") })

/** A clock that only sleeping, and a test, moves. */
export class Clock {
  ms = NOW.getTime()
  readonly slept: number[] = []
  readonly now = (): Date => new Date(this.ms)
  readonly sleep = (ms: number): Promise<void> => {
    this.slept.push(ms)
    this.ms += ms
    return Promise.resolve()
  }
}

/** A vendor, a clock, and stores that ask the one by the other. */
export class Lab {
  readonly clock = new Clock()
  readonly vendor: VendorServer
  readonly cache = createMemoryCache()
  readonly events: string[] = []
  readonly #stores: CollateralStore[] = []

  private constructor(vendor: VendorServer) {
    this.vendor = vendor
  }

  /** The vendor has the leaf and the list of a chip of Milan. */
  static async start(): Promise<Lab> {
    const lab = new Lab(await VendorServer.start())
    lab.vendor.answers.set(CRL_PATH, serve(CRL)).set(LEAF_PATH, serve(LEAF))
    return lab
  }

  store(options: Partial<CollateralOptions> = {}): CollateralStore {
    const { now, sleep } = this.clock
    const events = { asking: () => undefined, problem: (sentence: string) => this.events.push(sentence) }
    const urls = { amdUrl: this.vendor.url, intelUrl: `${this.vendor.url}/` }
    const store = createCollateralStore({
      ...{ cache: this.cache, ...urls, now, sleep, random: () => 0, events, roots: ROOTS },
      ...options,
    })
    this.#stores.push(store)
    return store
  }

  async close(): Promise<void> {
    await Promise.all(this.#stores.map((store) => store.close()))
    await this.vendor.close()
  }
}
