export { encodeBundle, MAX_BUNDLE_BYTES, parseBundle } from "./bundle.ts"
export { type Cache, createMemoryCache } from "./cache.ts"
export { createDirectoryCache } from "./directory-cache.ts"
export type { Content, Entry } from "./entry.ts"
export { CollateralError, type CollateralErrorCode } from "./error.ts"
export { describeItem, findItem, type Item, itemName, vcekItem } from "./item.ts"
export { findStanding, isOlder, type Standing } from "./standing.ts"
export {
  type CollateralEvents,
  type CollateralOptions,
  type CollateralStore,
  createCollateralStore,
  type Found,
} from "./store.ts"
