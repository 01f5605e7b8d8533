import { mkdir, readFile, writeFile } from "node:fs/promises"
import path from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { execa } from "execa"

const START_TIMEOUT_MS = 20_000
const TLS_PARAMS = { tls_minimum_protocol_version: "TLSv1_3", tls_maximum_protocol_version: "TLSv1_3" }

export interface Envoy {
  /** The listener's port, chosen by the system. */
  readonly port: number
  close(): Promise<void>
}

export interface EnvoyOptions {
  readonly envoy: string
  /** Its own folder, for its configuration and its admin address. */
  readonly folder: string
  /** Where the Initializer left the workload's files. */
  readonly tlsFolder: string
}

/** An Envoy before a plain HTTP server: it lets in clients with a certificate of the mesh. */
export async function startIngress(options: EnvoyOptions & { readonly upstreamPort: number }): Promise<Envoy> {
  const transport = {
    name: "tls",
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
      require_client_certificate: true,
      common_tls_context: {
        tls_params: TLS_PARAMS,
        ...certificate(options.tlsFolder),
        validation_context: { trusted_ca: trustedCa(options.tlsFolder) },
      },
    },
  }
  return startEnvoy(options, { transport_socket: transport }, {}, options.upstreamPort)
}

export interface EgressOptions extends EnvoyOptions {
  readonly upstreamPort: number
  /** The name that the other side's certificate must carry. */
  readonly name: string
  /** Without one the Envoy calls as nobody. */
  readonly isAnonymous?: boolean
}

/** An Envoy that a plain HTTP client calls: it goes on to another workload by mutual TLS. */
export async function startEgress(options: EgressOptions): Promise<Envoy> {
  const name = { san_type: "DNS", matcher: { exact: options.name } }
  const transport = {
    name: "tls",
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
      sni: options.name,
      common_tls_context: {
        tls_params: TLS_PARAMS,
        ...(options.isAnonymous === true ? {} : certificate(options.tlsFolder)),
        validation_context: { trusted_ca: trustedCa(options.tlsFolder), match_typed_subject_alt_names: [name] },
      },
    },
  }
  return startEnvoy(options, {}, { transport_socket: transport }, options.upstreamPort)
}

function certificate(folder: string) {
  const file = (name: string) => ({ filename: path.join(folder, name) })
  return { tls_certificates: [{ certificate_chain: file("certChain.pem"), private_key: file("key.pem") }] }
}

function trustedCa(folder: string) {
  return { filename: path.join(folder, "mesh-ca.pem") }
}

async function startEnvoy(options: EnvoyOptions, chain: object, cluster: object, upstreamPort: number): Promise<Envoy> {
  await mkdir(options.folder, { recursive: true })
  const config = path.join(options.folder, "envoy.json")
  const admin = path.join(options.folder, "admin-address")
  await writeFile(config, JSON.stringify(configuration(chain, cluster, upstreamPort)))
  const args = [
    "-c",
    config,
    "--admin-address-path",
    admin,
    "--disable-hot-restart",
    "--concurrency",
    "1",
    "-l",
    "warn",
  ]
  const child = execa(options.envoy, args, { reject: false, stdin: "ignore", all: true })
  const close = async (): Promise<void> => {
    child.kill()
    await child
  }
  const port = await listenerPort(admin, Date.now() + START_TIMEOUT_MS)
  if (port !== undefined) return { port, close }
  await close()
  throw new Error(`Envoy did not start: ${(await child).all}`)
}

/** Envoy tells the port of its listener at its admin address, whose port it tells in a file. */
async function listenerPort(adminFile: string, deadline: number): Promise<number | undefined> {
  while (Date.now() < deadline) {
    const address = await readFile(adminFile, "utf8").catch(() => "")
    const answer = address && (await fetch(`http://${address}/listeners?format=json`).catch(() => undefined))
    const found = answer ? ((await answer.json()) as Listeners).listener_statuses?.[0] : undefined // Envoy's documented form
    if (found !== undefined) return found.local_address.socket_address.port_value
    await delay(50)
  }
  return undefined
}

interface Listeners {
  readonly listener_statuses?: readonly { local_address: { socket_address: { port_value: number } } }[]
}

function configuration(chain: object, cluster: object, upstreamPort: number) {
  const loopback = (port: number) => ({ socket_address: { address: "127.0.0.1", port_value: port } })
  const endpoint = { endpoint: { address: loopback(upstreamPort) } }
  const router = { "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router" }
  const http = {
    "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
    stat_prefix: "http",
    http_filters: [{ name: "envoy.filters.http.router", typed_config: router }],
    route_config: {
      virtual_hosts: [
        { name: "all", domains: ["*"], routes: [{ match: { prefix: "/" }, route: { cluster: "upstream" } }] },
      ],
    },
  }
  const filters = [{ name: "envoy.filters.network.http_connection_manager", typed_config: http }]
  return {
    admin: { address: loopback(0) },
    static_resources: {
      listeners: [{ name: "in", address: loopback(0), filter_chains: [{ filters, ...chain }] }],
      clusters: [
        {
          name: "upstream",
          connect_timeout: "5s",
          load_assignment: { cluster_name: "upstream", endpoints: [{ lb_endpoints: [endpoint] }] },
          ...cluster,
        },
      ],
    },
  }
}
