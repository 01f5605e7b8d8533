import { constants } from "node:crypto"
import type { SecureContextOptions } from "node:tls"

/** How every end of an attested connection speaks TLS. */
export const TLS_OPTIONS: Readonly<SecureContextOptions> = {
  minVersion: "TLSv1.3",
  maxVersion: "TLSv1.3",
  ecdhCurve: "X25519MLKEM768:X25519:P-256:P-384",
  // No tickets that would open a second session without the client proving its key again.
  secureOptions: constants.SSL_OP_NO_TICKET,
}
