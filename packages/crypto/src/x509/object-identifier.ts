import forge from "#forge-asn1"

/** All that certificates use, with the claims of every platform. */
const MAX_KNOWN = 512

// Every certificate repeats the same few identifiers, and forge takes as long for one of them as for the rest of an extension.
const contentOfOid = new Map<string, string>()
const oidOfContent = new Map<string, string>()

/** The content of an OBJECT IDENTIFIER (X.690 §8.19), as a byte string, from its dotted form. */
export function encodeObjectIdentifier(oid: string): string {
  return contentOfOid.get(oid) ?? remember(oid, forge.oidToDer(oid).getBytes()).content
}

/** The dotted form of an OBJECT IDENTIFIER; `undefined` if its content is padded or cut, or an arc has over 32 bits. */
export function findObjectIdentifier(content: string): string | undefined {
  return oidOfContent.get(content) ?? decode(content)
}

function decode(content: string): string | undefined {
  try {
    const oid = forge.derToOid(content)
    // Forge passes over padding and over a cut arc: without this, other bytes could pass for one of our identifiers.
    if (oid === undefined || forge.oidToDer(oid).getBytes() !== content) return undefined
    return remember(oid, content).oid
  } catch {
    return undefined
  }
}

/** What the identifiers of others fill up is not thrown out for more of them: ours come first, with the first certificate. */
function remember(oid: string, content: string): { readonly oid: string; readonly content: string } {
  if (oidOfContent.size < MAX_KNOWN) {
    contentOfOid.set(oid, content)
    oidOfContent.set(content, oid)
  }
  return { oid, content }
}
