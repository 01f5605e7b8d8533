/** Anything with a remote end: a socket of Node, encrypted or not. */
export interface Remote {
  readonly remoteAddress?: string | undefined
  readonly remotePort?: number | undefined
}

/** Name of a connection's remote end, `address:port` as gRPC spells it. */
export function endpointOf({ remoteAddress, remotePort }: Remote): string {
  return `${remoteAddress ?? "unknown"}:${remotePort ?? 0}`
}
