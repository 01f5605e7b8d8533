/** Where a server listens. Port 0 lets the system choose one. */
export interface ListenAddress {
  readonly host: string
  readonly port: number
}

const PATTERN = /^(?:\[(?<v6>[0-9a-f:.]+)\]|(?<host>[^\s:/[\]]*)):(?<port>\d{1,5})$/i
const MAX_PORT = 65_535
export const ALL_INTERFACES = "0.0.0.0"

/** The address that `host:port`, `[IPv6]:port`, or `:port` for every interface stands for. */
export function findListenAddress(text: string): ListenAddress | undefined {
  const { v6, host, port } = PATTERN.exec(text)?.groups ?? {}
  if (port === undefined || Number(port) > MAX_PORT) return undefined
  return { host: (v6 ?? host) || ALL_INTERFACES, port: Number(port) }
}
