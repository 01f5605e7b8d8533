import { concatBytes, sha384 } from "@contrast/crypto"
import type { ProductLine } from "./product-line.ts"

/** Digests are SHA-384. */
export const DIGEST_BYTES = 48

/** Most virtual processors that a launch digest is tried for. */
const MAX_VCPUS = 220

const PAGE_BYTES = 4096
const PAGE_INFO_BYTES = 0x70
const VMSA_PAGE_TYPE = 2
/** Where the firmware measures a VMSA page, whatever its real address. */
const VMSA_GUEST_ADDRESS = 0x0000_ffff_ffff_f000n

/** CPUID leaf 1 EAX that the VMM gives the guest's processors, by product. */
const CPU_SIGNATURES = { Milan: 0x00a0_0f11, Genoa: 0x00a1_0f10 } as const

/** A product line whose processor signature, and so whose page for further processors, is known. */
export type MeasuredProduct = keyof typeof CPU_SIGNATURES

/** Whether the digests of a guest with several processors can be computed for this line. */
export function isMeasuredProduct(line: ProductLine): line is MeasuredProduct {
  return line in CPU_SIGNATURES
}

/**
 * The launch digests of a guest with 1 to {@link MAX_VCPUS} processors. Each processor after the first adds one VMSA
 * page, the same for all of them (SEV-SNP Firmware ABI, "PAGE_INFO").
 *
 * @param single - The digest for one processor, 48 bytes.
 * @param apEip - Reset address of the further processors.
 */
export function* launchDigests(single: Uint8Array, apEip: number, product: MeasuredProduct): Generator<Uint8Array> {
  const page = sha384(vmsaPage(apEip, CPU_SIGNATURES[product]))
  let digest = single
  for (let count = 1; count <= MAX_VCPUS; count += 1) {
    yield digest
    digest = extendDigest(digest, page)
  }
}

/** Extends a launch digest by one VMSA page. */
export function extendDigest(digest: Uint8Array, pageDigest: Uint8Array): Uint8Array {
  const rest = new Uint8Array(PAGE_INFO_BYTES - 2 * DIGEST_BYTES)
  const view = new DataView(rest.buffer)
  view.setUint16(0, PAGE_INFO_BYTES, true)
  view.setUint8(2, VMSA_PAGE_TYPE)
  view.setBigUint64(8, VMSA_GUEST_ADDRESS, true)
  return sha384(concatBytes(digest, pageDigest, rest))
}

/** The state save area of a processor that starts at `eip` (AMD64 Architecture Programmer's Manual 2, appendix B). */
export function vmsaPage(eip: number, cpuSignature: number): Uint8Array {
  const page = new Uint8Array(PAGE_BYTES)
  const view = new DataView(page.buffer)
  const segment = (at: number, selector: number, attributes: number, limit: number, base: number): void => {
    view.setUint16(at, selector, true)
    view.setUint16(at + 2, attributes, true)
    view.setUint32(at + 4, limit, true)
    view.setBigUint64(at + 8, BigInt(base), true)
  }
  const u64 = (at: number, value: number): void => {
    view.setBigUint64(at, BigInt(value), true)
  }
  for (const at of [0x000, 0x020, 0x030, 0x040, 0x050]) segment(at, 0, 0x93, 0xffff, 0) // ES, SS, DS, FS, GS
  segment(0x010, 0xf000, 0x9b, 0xffff, (eip & 0xffff_0000) >>> 0) // CS
  segment(0x060, 0, 0, 0xffff, 0) // GDTR
  segment(0x070, 0, 0x82, 0xffff, 0) // LDTR
  segment(0x080, 0, 0, 0xffff, 0) // IDTR
  segment(0x090, 0, 0x8b, 0xffff, 0) // TR
  u64(0x0d0, 0x1000) // EFER
  u64(0x148, 0x40) // CR4
  u64(0x158, 0x10) // CR0
  u64(0x160, 0x400) // DR7
  u64(0x168, 0xffff_0ff0) // DR6
  u64(0x170, 2) // RFLAGS
  u64(0x178, eip & 0xffff) // RIP
  view.setBigUint64(0x268, 0x0007_0406_0007_0406n, true) // G_PAT
  u64(0x310, cpuSignature) // RDX
  u64(0x3b0, 1) // SEV_FEATURES
  u64(0x3e8, 1) // XCR0
  view.setUint32(0x408, 0x1f80, true) // MXCSR
  view.setUint16(0x410, 0x037f, true) // x87 FCW
  return page
}
