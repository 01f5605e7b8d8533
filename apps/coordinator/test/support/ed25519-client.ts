import { credentials } from "@grpc/grpc-js"
import { fromServiceError, UserAPIClient } from "@contrast/protocol"
import { manifestOf } from "./deployment.ts"

/** Made for this test by `openssl req -x509 -newkey ed25519 -days 36500`. */
const KEY = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIKkp2nGkWgl5+/vC3qkZxyCSV2Y+CG10FQq4eLTHyZdh
-----END PRIVATE KEY-----
`
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBPDCB76ADAgECAhRsvMBCQ0TC6Hfruk1zkRIbYnHOIjAFBgMrZXAwEzERMA8G
A1UEAwwIQ29udHJhc3QwIBcNMjYxMTIyMjMwOTA4WhgPMjEyNjEwMjkyMzA5MDha
MBMxETAPBgNVBAMMCENvbnRyYXN0MCowBQYDK2VwAyEAKdMnI6rLlgYoMnnJ9ZmS
drjz6+OwKIbyPRBFOAjkti+jUzBRMB0GA1UdDgQWBBSHeHOyR+94TTYqn7lUebi3
LFP0JDAfBgNVHSMEGDAWgBSHeHOyR+94TTYqn7lUebi3LFP0JDAPBgNVHRMBAf8E
BTADAQH/MAUGAytlcANBAM1qhsPIdXLlsIX1fVqxuHaSEfIFbMWf4y7zRMecjUom
m0/m3UzfTR1wp8QDg4AaTGPn10LQ5kIM6pmOrKyRxQY=
-----END CERTIFICATE-----
`

/** Our own client makes no certificates for such keys, so here is a plain gRPC one. */
export async function setWithEd25519(port: number): Promise<void> {
  const tls = credentials.createSsl(null, Buffer.from(KEY), Buffer.from(CERTIFICATE), { rejectUnauthorized: false })
  const client = new UserAPIClient(`127.0.0.1:${port}`, tls, { "grpc.ssl_target_name_override": "localhost" })
  try {
    await new Promise<void>((resolve, reject) => {
      client.setManifest(
        { Manifest: manifestOf(), Policies: [], PreviousTransitionHash: undefined, Signature: undefined },
        (error) => {
          if (error === null) resolve()
          else reject(fromServiceError(error))
        },
      )
    })
  } finally {
    client.close()
  }
}
