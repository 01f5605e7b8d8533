/** A family of AMD processors that share their root key, names and layouts. */
export type ProductLine = "Milan" | "Genoa" | "Turin"

/** All lines, oldest first. */
export const PRODUCT_LINES: readonly ProductLine[] = ["Milan", "Genoa", "Turin"]

interface ModelRange {
  readonly family: number
  readonly from: number
  readonly to: number
  readonly line: ProductLine
}

/** Combined family and model of CPUID leaf 1. Genoa's second range is Bergamo and Siena, which use Genoa's keys. */
const MODELS: readonly ModelRange[] = [
  { family: 0x19, from: 0x00, to: 0x0f, line: "Milan" },
  { family: 0x19, from: 0x10, to: 0x1f, line: "Genoa" },
  { family: 0x19, from: 0xa0, to: 0xaf, line: "Genoa" },
  { family: 0x1a, from: 0x00, to: 0x11, line: "Turin" },
]

/** The product line of a processor; `undefined` for one whose keys are not known. */
export function findProductLine({
  family,
  model,
}: {
  readonly family: number
  readonly model: number
}): ProductLine | undefined {
  return MODELS.find((range) => range.family === family && range.from <= model && model <= range.to)?.line
}

/** Reads the product name of a leaf certificate, for example `Milan-B0`; the stepping behind the dash is not used. */
export function parseProductName(name: string): ProductLine | undefined {
  const [line] = name.split("-", 1)
  return PRODUCT_LINES.find((candidate) => candidate === line)
}
