import { type Codec, checkedText } from "./codec.ts"
import { type Platform, type Technology, findPlatform, technologyOf, unknownPlatform } from "./platforms.ts"

/** A platform that attests by this technology; its name is read in any case. */
export function platformCodec(technology: Technology): Codec<Platform> {
  const names = checkedText((name) => {
    const platform = findPlatform(name)
    if (platform === undefined) return { code: "PLATFORM", message: unknownPlatform(name) }
    if (technologyOf(platform) === technology) return undefined
    return { code: "PLATFORM", message: `expected a platform that attests by ${technology}, got ${platform}` }
  })
  return {
    read: (node, problems) => findPlatform(names.read(node, problems) ?? ""),
    write: (platform) => platform,
  }
}
